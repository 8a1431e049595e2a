// Reads a list of [expression, context] from standard input and writes what feelin makes of each.
import { readFileSync } from 'node:fs';
import { evaluate } from 'feelin';

function plain(value) {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'function') return { unsupported: 'function' };
  if (typeof value === 'object') {
    if (value.constructor !== Object) return { unsupported: value.constructor.name };
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}

const cases = JSON.parse(readFileSync(0, 'utf8'));
const answers = cases.map(([text, context]) => {
  try {
    const result = evaluate(text, context);
    return { value: plain(result && typeof result === 'object' && 'value' in result && 'warnings' in result ? result.value : result) };
  } catch (error) {
    return { error: String(error.message).slice(0, 80) };
  }
});
process.stdout.write(JSON.stringify(answers));
