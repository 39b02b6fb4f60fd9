// The shards of a cluster as its gateway knows them: first those that lack something, with what that is
// in plain words, and the others summed up until somebody wants to see them.

import { h } from './dom.js';
import { count, number } from './words.js';

const CATCH_UP_MS = 2000, // a healthy server has applied every change that is older than this
  MOST_TROUBLED = 12; // that are shown at once

const FENCED =
  'Nobody renews the table of shards any more, so other servers may hold them by now. Photos are not answered until it is renewed.';

/** A function that draws what /v1/cluster says, now and whenever there is something newer. */
export function shardsView() {
  const unfolded = new Set();
  let last = null;

  // The change that all servers should have applied by now. What came since the look before that takes its time.
  function due(version) {
    const at = performance.now();
    if (!last || at - last.at >= CATCH_UP_MS) last = { at, version, due: last?.version ?? 0 };
    return last.due;
  }

  // Many rows, which are made when they are to be seen.
  function fold(name, title, rows) {
    const table = h('div', {});
    const element = h(
      'details',
      { open: unfolded.has(name), on: { toggle: () => show(element.open) } },
      h('summary', { 'data-name': name }, title),
      table,
    );
    function show(open) {
      if (open) unfolded.add(name);
      else unfolded.delete(name);
      table.replaceChildren(...(open ? [tableOf(title, rows, 'sr')] : []));
    }
    show(element.open);
    return element;
  }

  return (cluster) => {
    const most = Math.max(...cluster.shards.map((shard) => shard.replicas.length));
    const late = due(cluster.collection_version);
    const rows = cluster.shards.map((shard) => {
      const behind = shard.replicas.map((one) => Math.max(0, cluster.collection_version - one.applied));
      return { ...shard, behind, missing: missingOf(shard, most, late) };
    });
    const troubled = rows.filter((row) => row.missing.length).sort((a, b) => a.replicas.length - b.replicas.length);
    const whole = rows.filter((row) => !row.missing.length);
    const behind = Math.max(0, ...rows.flatMap((row) => row.behind));
    const [first, more] = [troubled.slice(0, MOST_TROUBLED), troubled.slice(MOST_TROUBLED)];
    return h(
      'section',
      { class: 'sheet shards' },
      h('h2', {}, 'Shards'),
      h(
        'p',
        {},
        `${count(rows.length, 'shard')} with ${count(cluster.items, 'item')}, up to change ${number(cluster.collection_version)}. `,
        behind ? `The slowest server is ${count(behind, 'change')} behind.` : 'No server is behind.',
      ),
      cluster.not_ready === 'fenced' && h('p', { class: 'missing' }, FENCED),
      first.length > 0 && tableOf(`${count(troubled.length, 'shard lacks', 'shards lack')} something`, first),
      more.length > 0 && fold('more', `${number(more.length)} more that lack something`, more),
      whole.length > 0 && fold('whole', `${count(whole.length, 'shard')} without trouble, ${itemsOf(whole)}`, whole),
    );
  };
}

const itemsOf = (rows) =>
  count(
    rows.reduce((sum, row) => sum + row.items, 0),
    'item',
  );

function missingOf(shard, most, due) {
  const there = shard.replicas.length;
  if (!there) return ['Nobody serves it. Photos are not answered until a server has loaded it.'];
  const missing = [];
  if (there < most) missing.push(`It has ${count(there, 'server')}, others have ${number(most)}.`);
  const late = shard.replicas.filter((one) => one.applied < due).length;
  if (late) missing.push(`${count(late, 'server does', 'servers do')} not catch up with changes.`);
  return missing;
}

function tableOf(title, rows, look) {
  return h(
    'table',
    {},
    h('caption', { class: look }, title),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ['Shard', 'Items', 'Servers'].map((name) => h('th', { scope: 'col' }, name)),
      ),
    ),
    h('tbody', {}, rows.map(rowOf)),
  );
}

function rowOf({ shard, items, replicas, behind, missing }) {
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, number(shard)),
    h('td', {}, number(items)),
    h(
      'td',
      {},
      missing.map((text) => h('p', { class: 'missing' }, text)),
      h(
        'ul',
        {},
        replicas.map((one, i) =>
          h(
            'li',
            {},
            `${one.server} `,
            h('small', {}, `change ${number(one.applied)}${behind[i] ? `, ${number(behind[i])} behind` : ''}`),
          ),
        ),
      ),
    ),
  );
}
