// Conditions on metadata, as the Ask page and the catalogue have them.

import { json } from './api.js';
import { button, field, h } from './dom.js';

/** { element, read() → [column, condition] pairs, write(pairs) }; `changed` is called when a person edits one. */
export function conditions(changed, name) {
  const columns = h('datalist', { id: `${name}-columns` });
  const rows = h('div', { class: 'conditions' });
  let known = false;

  async function learnColumns() {
    if (known) return;
    known = true;
    const page = await json('v1/items?limit=50', { quiet: true }).catch(() => ({ items: [] }));
    const names = new Set(page.items.flatMap((item) => Object.keys(item.metadata)));
    columns.replaceChildren(...[...names].map((value) => h('option', { value })));
  }
  function add(column = '', condition = '') {
    learnColumns();
    const row = h(
      'div',
      { class: 'row', role: 'group', 'aria-label': 'Condition' },
      field('Column', h('input', { list: columns.id, autocomplete: 'off', value: column, on: { input: changed } })),
      field(
        'is',
        h('input', {
          autocomplete: 'off',
          placeholder: 'tea|coffee, Ac*, 10..20',
          value: condition,
          on: { input: changed },
        }),
      ),
      button(
        'Remove',
        () => {
          row.remove();
          changed();
        },
        { 'aria-label': 'Remove this condition' },
      ),
    );
    rows.append(row);
    return row;
  }
  const element = h(
    'div',
    { class: 'filter' },
    h(
      'p',
      {},
      'Only items whose metadata satisfy every condition count. A value may be a text, several texts (',
      h('code', {}, 'tea|coffee'),
      '), the beginning of a text (',
      h('code', {}, 'Ac*'),
      ') or a range of numbers (',
      h('code', {}, '10..20'),
      ').',
    ),
    rows,
    columns,
    button('Add a condition', () => add().querySelector('input').focus()),
  );
  return {
    element,
    read: () =>
      [...rows.children]
        .map((row) => [...row.querySelectorAll('input')].map((input) => input.value.trim()))
        .filter(([column, condition]) => column && condition),
    write(pairs) {
      rows.replaceChildren();
      for (const pair of pairs) add(...pair);
    },
  };
}
