"""How the page for readers of the API looks."""

# ruff: noqa: E501 - lines of HTML

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid; }
h3 { margin-bottom: .2rem; font-size: 1rem; }
code, h3, .type { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4.5rem; font-weight: bold; }
table { border-collapse: collapse; margin: .5rem 0; width: 100%; }
th, td { border: 1px solid #8888; padding: .2rem .5rem; text-align: start; vertical-align: top; }
nav ul { columns: 3 14rem; padding-inline-start: 1.2rem; }
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ info.title }}</title>
<style>{{ style }}</style>
</head>
<body>
<header>
<h1>{{ info.title }}</h1>
<p>{{ prose(info.description) }}</p>
<p>For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
</header>
<nav aria-label="Contents">
<ul>
{%- for group in groups %}
<li><a href="#tag-{{ group.name }}">{{ group.name }}</a></li>
{%- endfor %}
<li><a href="#schemas">schemas</a></li>
</ul>
</nav>
<main>
{%- for group in groups %}
<section aria-labelledby="tag-{{ group.name }}">
<h2 id="tag-{{ group.name }}">{{ group.name }}</h2>
<p>{{ prose(group.description) }}</p>
{%- for operation in group.operations %}
<article>
<h3 id="{{ operation.operationId }}"><span class="method">{{ operation.method }}</span> {{ operation.path }}</h3>
<p>{{ prose(operation.summary) }}{% if operation.security == [] %} <em>Public.</em>{% endif %}</p>
{%- if operation.description %}
<p>{{ prose(operation.description) }}</p>
{%- endif %}
{%- if operation.parameters %}
<table>
<tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>
{%- for parameter in operation.parameters %}
<tr><td><code>{{ parameter.name }}</code></td><td>{{ parameter.in }}</td><td class="type">{{ type_of(parameter.schema) }}</td><td>{{ prose(parameter.description) }}</td></tr>
{%- endfor %}
</table>
{%- endif %}
{%- if operation.requestBody %}
{%- set body = name_of(operation.requestBody.content) %}
<p>Body: {% if body %}<a href="#{{ body }}">{{ body }}</a>{% else %}{{ operation.requestBody.content | join(", ") }}{% endif %}</p>
{%- endif %}
<p>Answers:
{%- for status, answer in operation.responses | dictsort if status != "default" %}
{%- set name = name_of(answer.content) %}
{{ status }}{% if name %} (<a href="#{{ name }}">{{ name }}</a>){% endif %}{{ "," if not loop.last else "." }}
{%- endfor %}
</p>
</article>
{%- endfor %}
</section>
{%- endfor %}
<section aria-labelledby="schemas">
<h2 id="schemas">schemas</h2>
{%- for name, schema in schemas.items() %}
<article>
<h3 id="{{ name }}">{{ name }}</h3>
{%- if schema.description %}
<p>{{ prose(schema.description) }}</p>
{%- endif %}
<table>
<tr><th>member</th><th>type</th><th></th></tr>
{%- for member, of in (schema.properties or {}).items() %}
<tr><td><code>{{ member }}</code>{% if member in (schema.required or []) %} *{% endif %}</td><td class="type">{{ type_of(of) }}</td><td>{{ prose(of.description) }}</td></tr>
{%- endfor %}
</table>
</article>
{%- endfor %}
</section>
</main>
</body>
</html>
"""
