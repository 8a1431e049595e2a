// Fills in forms with form-js itself and says what it would submit. One JSON case a line in, one verdict a line out.
//
// case:    {schema, variables, submitted, loaded}
// verdict: {data, failing, refused, late} – JSON pointers of the fields that form-js reports (failing) and of those whose
//          value it silently replaces by nothing (refused) – or {error} when form-js refuses the schema.
//
// Either everything is there when the form opens (loaded), or it is entered: once form-js shows a field and lets it be
// changed, as a person would have typed it. That may take several rounds, because fields show other fields.

'use strict';

const { JSDOM } = require('jsdom');
const readline = require('node:readline');

const dom = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true });
for (const name of Object.getOwnPropertyNames(dom.window)) {
  if (!(name in globalThis)) {
    try {
      globalThis[name] = dom.window[name];
    } catch {
      // some properties of the window cannot be read outside of it
    }
  }
}
globalThis.window = dom.window;
globalThis.document = dom.window.document;
globalThis.KeyboardEvent = dom.window.KeyboardEvent;
globalThis.DataTransfer = class {
  items = { add() {} };
  files = dom.window.document.createElement('input').files;
};
dom.window.HTMLElement.prototype.scrollIntoView = () => {};

const { options } = require('preact');
options.debounceRendering = (callback) => setImmediate(callback);
options.requestAnimationFrame = (callback) => setImmediate(callback);

const { createForm } = require('@bpmn-io/form-js-viewer');
const isEqual = require('lodash/isEqual');

const ROUNDS = 8;

const tick = () => new Promise((resolve) => setImmediate(resolve));

const read = (data, path) => path.reduce((value, name) => (value === undefined || value === null ? undefined : value[name]), data);

const pointer = (path) => path.map((name) => '/' + String(name).replaceAll('~', '~0').replaceAll('/', '~1')).join('');

const snapshot = (form) => JSON.stringify(form._getState().data);

async function rest(form) {
  let before = null;
  for (let calm = 0, round = 0; calm < 3 && round < 60; round++) {
    calm = before === snapshot(form) ? calm + 1 : 0;
    before = snapshot(form);
    for (let wait = 0; wait < 4; wait++) {
      await tick();
    }
  }
}

async function compute(form) {
  // form-js computes one expression a change; it is asked until nothing changes any more
  for (let round = 0; round < ROUNDS; round++) {
    const before = snapshot(form);
    form.get('expressionLoopPreventer').reset();
    form._setState({});
    await rest(form);
    if (before === snapshot(form)) {
      return;
    }
  }
}

function ancestors(form, field) {
  const registry = form.get('formFieldRegistry');
  const found = [];
  for (let parent = registry.get(field._parent); parent; parent = registry.get(parent._parent)) {
    found.push(parent);
  }
  return found;
}

function isChangeable(form, field, instance) {
  const language = form.get('expressionLanguage');
  const { data, ...special } = instance.expressionContextInfo;
  const wrapped = Object.fromEntries(Object.entries(special).map(([name, value]) => [`_${name}_`, value]));
  const context = { ...special, ...data, ...wrapped };
  const isReadonly = ({ readonly }) =>
    language.isExpression(readonly) ? language.evaluateUnaryTest(readonly, context) === true : !!readonly;
  return ![field, ...ancestors(form, field)].some((entry) => entry.disabled || isReadonly(entry));
}

async function enter(form, instance, submitted, entered, loaded) {
  const field = form.get('formFieldRegistry').get(instance.id);
  const { config } = form.get('formFields').get(field.type);
  const key = pointer(instance.valuePath);
  const value = read(submitted, instance.valuePath);
  if (value === undefined || entered.has(key) || field.type === 'expression') {
    return false;
  }
  if (!(config.keyed || config.repeatable) || !isChangeable(form, field, instance)) {
    return false;
  }
  entered.set(key, { value, path: instance.valuePath, type: field.type });
  if (loaded) {
    return false;
  }
  let fresh = config.repeatable ? enterRows(form, field, instance, value) : sanitise(form, field, config, value);
  if (field.type === 'datetime' && fresh !== null) {
    fresh = await writeMoment(field, fresh);
  }
  form._update({ field, fieldInstance: instance, indexes: instance.indexes, value: fresh });
  return true;
}

function enterRows(form, field, instance, rows) {
  return (Array.isArray(rows) ? rows : []).map((_, index) =>
    form._getInitializedFieldData(form._getState().data, {
      container: field,
      indexes: { ...instance.indexes, [field.id]: index },
    }),
  );
}

function sanitise(form, field, config, value) {
  const { initialData } = form._getState();
  return config.sanitizeValue ? config.sanitizeValue({ formField: field, data: initialData, value }) : value;
}

function isEmptied(sent, final, type) {
  if (isEqual(sent, final) || sent === '' || sent === null || type === 'dynamiclist') {
    return false;
  }
  if (Array.isArray(sent)) {
    return true;
  }
  return final === null || final === undefined || final === '' || final === false || isEqual(final, []);
}

const moments = new Map();

// form-js writes a moment anew when it shows it; what a picker would have written is what a field of its own shows
async function writeMoment(field, value) {
  const alone = { ...field, key: 'moment', id: 'moment', conditional: undefined, readonly: undefined, disabled: undefined };
  const key = JSON.stringify([field.subtype, field.timeSerializingFormat, field.timeInterval, value]);
  if (!moments.has(key)) {
    const container = document.createElement('div');
    document.body.appendChild(container);
    const schema = { type: 'default', components: [alone] };
    const form = await createForm({ schema, data: { moment: value }, container });
    await rest(form);
    moments.set(key, form._getState().data.moment);
    form.destroy();
    container.remove();
  }
  return moments.get(key);
}

async function judge({ schema, variables, submitted, loaded }) {
  const container = document.createElement('div');
  document.body.appendChild(container);
  const data = loaded ? { ...variables, ...submitted } : variables;
  const form = await createForm({ schema, data, container });
  try {
    await rest(form);
    await compute(form);
    const entered = new Map();
    for (let round = 0; round < ROUNDS; round++) {
      let again = false;
      for (const instance of form.get('formFieldInstanceRegistry').getAll()) {
        again = (await enter(form, instance, submitted, entered, loaded)) || again;
      }
      await rest(form);
      await compute(form);
      if (!again) {
        break;
      }
    }
    const { data: taken, errors } = form.submit();
    const shown = form.get('formFieldInstanceRegistry').getAllKeyed();
    const paths = new Map(shown.map((instance) => [pointer(instance.valuePath), instance]));
    const failing = shown
      .filter(({ id, indexes }) => (read(errors, [id, ...Object.values(indexes || {})]) || []).length)
      .map(({ valuePath }) => pointer(valuePath));
    const refused = [...entered]
      .filter(([key, { value, path, type }]) => paths.has(key) && isEmptied(value, read(form._getState().data, path), type))
      .map(([key]) => key);
    // entered while they were shown and changeable, and hidden or locked by what was entered after
    const late = [...entered.keys()].filter((key) => {
      const instance = form.get('formFieldInstanceRegistry').getAll().find(({ valuePath }) => pointer(valuePath) === key);
      return !instance || !isChangeable(form, form.get('formFieldRegistry').get(instance.id), instance);
    });
    return { data: taken, failing, refused, late };
  } finally {
    form.destroy();
    container.remove();
  }
}

// an error while form-js renders surfaces outside of every promise; it belongs to the case at hand
let crash = null;
process.on('uncaughtException', (error) => {
  crash = error;
});

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let verdict;
    crash = null;
    try {
      verdict = await judge(JSON.parse(line));
      if (crash) {
        throw crash;
      }
    } catch (error) {
      verdict = { error: String(error) };
    }
    process.stdout.write(JSON.stringify(verdict) + '\n');
    if (crash) {
      // preact's queue of effects is stuck from here on: the caller starts again with the next case
      break;
    }
  }
  process.stdout.write('', () => process.exit(0));
}

main();
