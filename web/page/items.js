// Catalogue: pages of items, sought by id and metadata; with a key that may write, also changed.

import { json, query } from './api.js';
import { button, empty, failure, field, h, refill, say } from './dom.js';
import { addItem, addMany, importFile, removeItems } from './change.js';
import { conditions } from './filter.js';
import { may } from './key.js';
import { picture } from './pictures.js';
import { count, nameOf } from './words.js';

const PAGE = 48;

export function itemsView(section) {
  const selected = new Set();
  let back = []; // where the pages before this one begin
  let wish = { id: '', where: [], after: '' },
    request = null,
    shown = null;

  const total = h('p', { class: 'lead' });
  const id = h('input', { type: 'search', autocomplete: 'off' });
  const filter = conditions(() => {}, 'items');
  const fold = h('details', { class: 'fold' }, h('summary', {}, 'Filter by metadata'), filter.element);
  const search = h(
    'form',
    {
      class: 'search',
      role: 'search',
      on: {
        submit: (event) => {
          event.preventDefault();
          back = [];
          go({ id: id.value.trim(), where: filter.read(), after: '' });
        },
      },
    },
    h('div', { class: 'row' }, field('Id contains', id), h('button', { class: 'main' }, 'Search')),
    fold,
  );
  const removal = button(
    'Remove selected',
    async () => {
      if (await removeItems([...selected])) refresh();
    },
    { class: 'danger' },
  );
  const tools = h(
    'div',
    { class: 'row' },
    button('Add an item', async () => (await addItem()) && refresh()),
    button('Add many pictures', async () => (await addMany()) && refresh()),
    button('Import a table', importFile),
    removal,
  );
  const list = h('div', { class: 'grid-box' });
  const pager = h('nav', { class: 'row pager', 'aria-label': 'Pages' });
  section.append(
    h('div', { class: 'row apart' }, h('div', { class: 'heading' }, h('h1', {}, 'Catalogue'), total), tools),
    search,
    list,
    pager,
  );

  function go(next) {
    location.hash = `#/items${query([['id', next.id], ...next.where.map((pair) => ['where', pair.join('=')]), ['after', next.after]])}`;
    if (location.hash === lastHash) refresh();
  }
  let lastHash = '';

  async function refresh() {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    shown = null;
    selected.clear();
    showSelection();
    list.setAttribute('aria-busy', 'true');
    const slow = setTimeout(
      () =>
        list.replaceChildren(h('p', { class: 'loading' }, h('progress', { 'aria-label': 'Loading' }), ' Loading …')),
      200,
    );
    try {
      const page = await json(
        `v1/items${query([['limit', PAGE], ['id', wish.id], ['after', wish.after], ...wish.where.map((pair) => ['where', pair.join('=')])])}`,
        { signal },
      );
      clearTimeout(slow);
      draw(page);
      const stats = await json('v1/stats', { signal, quiet: true, patience: 0 }).catch(() => null);
      if (stats) total.textContent = `${count(stats.items, 'item')} with ${count(stats.pictures, 'picture')}.`;
    } catch (problem) {
      clearTimeout(slow);
      if (problem.name === 'AbortError') return;
      list.replaceChildren(failure(problem, refresh));
      pager.replaceChildren();
    } finally {
      if (!signal.aborted) list.setAttribute('aria-busy', 'false');
    }
  }
  function draw(page) {
    shown = page;
    const sought = wish.id || wish.where.length;
    list.replaceChildren(
      page.items.length
        ? h('ul', { class: 'grid' }, page.items.map(cardOf))
        : sought || wish.after
          ? empty(
              'No item fits',
              'Try fewer conditions, or a shorter part of an id.',
              button('Show all', () => {
                back = [];
                go({ id: '', where: [], after: '' });
              }),
            )
          : empty(
              'The catalogue is empty',
              may.write
                ? 'Add items one by one, many pictures at once, or a table with its pictures.'
                : 'Items appear here as soon as somebody adds them.',
            ),
    );
    refill(
      pager,
      wish.after && button('Previous page', () => go({ ...wish, after: back.pop() ?? '' })),
      page.next &&
        button('Next page', () => {
          back.push(wish.after);
          go({ ...wish, after: page.next });
        }),
    );
    if (sought)
      say(
        page.items.length ? `${count(page.items.length, 'item')}${page.next ? ' on this page' : ''}.` : 'No item fits.',
      );
  }
  function cardOf(item) {
    const name = nameOf(item);
    const facts = Object.entries(item.metadata)
      .filter(([, value]) => value && value !== name)
      .slice(0, 2);
    const check =
      may.write &&
      h(
        'label',
        { class: 'select' },
        h('input', {
          type: 'checkbox',
          'aria-label': `Select ${item.id}`,
          on: {
            change: (event) => {
              if (event.target.checked) selected.add(item.id);
              else selected.delete(item.id);
              showSelection();
            },
          },
        }),
      );
    return h(
      'li',
      { class: 'tile' },
      h(
        'a',
        { href: `#/item/${encodeURIComponent(item.id)}` },
        picture(item.id, 0, item.version),
        h('strong', {}, name),
      ),
      name !== item.id && h('small', {}, item.id),
      facts.map(([column, value]) => h('small', {}, `${column}: ${value}`)),
      item.pictures.length > 1 && h('small', {}, count(item.pictures.length, 'picture')),
      item.features === 0 && h('small', { class: 'warn' }, 'No features: no photo can find it'),
      check,
    );
  }
  function showSelection() {
    removal.hidden = selected.size === 0;
    removal.textContent = `Remove ${count(selected.size, 'item')}`;
  }
  document.addEventListener('role', () => {
    tools.hidden = !may.write;
    if (!section.hidden && shown) draw(shown);
  });
  return {
    show(path, parameters) {
      lastHash = location.hash;
      tools.hidden = !may.write;
      wish = {
        id: parameters.get('id') ?? '',
        after: parameters.get('after') ?? '',
        where: parameters
          .getAll('where')
          .map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
      };
      id.value = wish.id;
      filter.write(wish.where);
      if (wish.where.length) fold.open = true;
      refresh();
    },
    hide: () => request?.abort(),
  };
}
