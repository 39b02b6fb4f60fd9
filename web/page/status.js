// Status: how large the catalogue is, how busy the server, what it refused, and what it does meanwhile; of
// a gateway, how the shards are.

import { json, key, send } from './api.js';
import { bar, button, failure, h, refill, say } from './dom.js';
import { shardsView } from './shards.js';
import { bytes, count, moment, number, span } from './words.js';

const EVERY_MS = 3000,
  BUSY_EVERY_MS = 500, // while a job runs
  FIGURES_MS = 1000; // how long to wait for those of a gateway

const REJECTED = {
  queue_full: 'The queue of photos was full',
  queue_wait: 'A photo had waited too long',
  write_queue_full: 'Too many changes waited',
  rate: 'A key asked too often',
  key: 'No key, or a wrong one',
  jobs_full: 'Too many jobs waited',
  body_memory: 'Bodies took all the memory they may',
  too_many_connections: 'Too many connections',
  too_many_connections_of_address: 'Too many connections of one address',
};
const ANSWERS = { found: 'Found', not_in_catalogue: 'Not in the catalogue', no_features: 'Nothing to recognise' };

export function statusView(section) {
  const body = h('div', { class: 'status-body' }),
    shards = shardsView();
  let timer = 0,
    request = null,
    shownJobs = '';
  section.append(h('h1', {}, 'Status'), body);

  async function refresh() {
    clearTimeout(timer);
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    let pause = EVERY_MS;
    try {
      const options = { signal, patience: 0, quiet: body.childNodes.length > 0 };
      const status = await json('v1/status', options);
      // A gateway has no snapshots.
      const isGateway = status.levels.shards > 0;
      const [stats, cluster, jobs, snapshots] = await Promise.all([
        isGateway ? figuresOfShards(options) : json('v1/stats', options),
        isGateway ? clusterIfThere(options) : null,
        json('v1/jobs', options),
        !isGateway && status.key.role === 'admin' ? json('v1/snapshots', options) : null,
      ]);
      if (signal.aborted) return;
      draw(status, stats, cluster, jobs.jobs, snapshots?.snapshots);
      if (jobs.jobs.some((job) => job.state === 'running' || job.state === 'waiting')) pause = BUSY_EVERY_MS;
    } catch (problem) {
      if (problem.name === 'AbortError') return;
      body.replaceChildren(failure(problem, refresh));
      if (problem.status === 401) return;
    }
    timer = setTimeout(refresh, pause);
  }

  function draw(status, stats, cluster, jobs, snapshots) {
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    const { levels, limits } = status;
    refill(
      body,
      h(
        'p',
        { class: status.ready ? 'state good' : 'state bad' },
        h('strong', {}, status.ready ? 'Ready' : 'Not ready'),
        status.not_ready && `: ${status.not_ready.replaceAll('_', ' ')}`,
        `. Inlier ${status.version}, method ${status.method}, up for ${span((Date.now() - new Date(status.started)) / 1000)}${status.read_only ? ', read-only' : ''}.`,
      ),
      h('ul', { class: 'figures' }, cluster ? figuresOfGateway(status, stats, cluster) : figuresOf(status, stats)),
      cluster && shards(cluster),
      h(
        'div',
        { class: 'two' },
        sheet(
          'Load',
          rowsOf([
            [
              'Photos being answered',
              `${levels.queries_running} of ${limits.workers}`,
              levels.queries_running / limits.workers,
            ],
            ['Photos that wait', `${levels.queries_waiting} of ${limits.queue}`, levels.queries_waiting / limits.queue],
            ['Changes that wait', number(levels.changes_waiting)],
            ['Connections', number(levels.connections)],
            ['Bodies being received', bytes(levels.body_bytes)],
          ]),
        ),
        sheet(
          'Photos so far',
          rowsOf(shares(status.answers, ANSWERS)),
          h('h2', {}, 'Refused so far'),
          Object.keys(status.rejected).length
            ? rowsOf(
                Object.entries(status.rejected).map(([cause, n]) => [
                  REJECTED[cause] ?? cause.replaceAll('_', ' '),
                  number(n),
                ]),
              )
            : h('p', {}, 'Nothing.'),
        ),
      ),
      (jobs.length > 0 || !cluster) &&
        h('div', { class: 'two' }, jobsOf(jobs), snapshots && snapshotsOf(snapshots, status)),
    );
    if (focused) body.querySelector(`[data-name="${CSS.escape(focused)}"]`)?.focus();
    const now = jobs.map((job) => job.id + job.state).join();
    const [latest] = jobs;
    if (shownJobs && now !== shownJobs && latest) say(`The ${latest.kind} is ${latest.state}.`);
    shownJobs = now;
  }

  function snapshotsOf(snapshots, status) {
    const make =
      !status.read_only &&
      button(
        'Make a snapshot',
        async () => {
          try {
            await json('v1/snapshots', { method: 'POST' });
            say('A snapshot is being made.');
            refresh();
          } catch (problem) {
            body.prepend(failure(problem));
          }
        },
        { 'data-name': 'make' },
      );
    return sheet(
      'Snapshots',
      h(
        'p',
        {},
        'Each is the whole database as it was at one moment. ',
        h('code', {}, 'inlier restore'),
        ' makes a database of it.',
      ),
      snapshots.length
        ? h(
            'table',
            {},
            h(
              'thead',
              {},
              h('tr', {}, h('th', { scope: 'col' }, 'Snapshot'), h('th', { scope: 'col' }, 'Size'), h('td', {})),
            ),
            h(
              'tbody',
              {},
              snapshots.map((one) =>
                h('tr', {}, h('td', {}, one.id), h('td', {}, bytes(one.bytes)), h('td', {}, downloadOf(one))),
              ),
            ),
          )
        : h('p', {}, 'There is none yet.'),
      make && h('p', {}, make),
    );
  }
  document.addEventListener('role', () => {
    if (!section.hidden) refresh();
  });
  return {
    show: refresh,
    hide() {
      clearTimeout(timer);
      request?.abort();
    },
  };
}

// The figures of a catalogue in shards come late, or not at all, when one of them does not answer. The
// rest of the view, which says so, does not wait for them.
const figuresOfShards = (options) =>
  Promise.race([
    json('v1/stats', options).catch(() => null),
    new Promise((resolve) => setTimeout(resolve, FIGURES_MS, null)),
  ]);

async function clusterIfThere(options) {
  try {
    return await json('v1/cluster', options);
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

// With a key the browser cannot fetch it by its address alone, so it goes through this page to a file.
function downloadOf(one) {
  const path = `v1/snapshots/${one.id}`,
    name = `inlier-${one.id}.tar`;
  if (!key.get())
    return h(
      'a',
      { class: 'button', href: path, download: name, 'data-name': one.id, 'aria-label': `Download ${one.id}` },
      'Download',
    );
  const save = button(
    'Download',
    async () => {
      try {
        const file = window.showSaveFilePicker
          ? await (await showSaveFilePicker({ suggestedName: name })).createWritable()
          : null;
        const response = await send(path);
        if (file) {
          await response.body.pipeTo(file);
        } else {
          const address = URL.createObjectURL(await response.blob());
          h('a', { href: address, download: name }).click();
          setTimeout(() => URL.revokeObjectURL(address), 60_000);
        }
        say('The snapshot is saved.');
      } catch (problem) {
        if (problem.name !== 'AbortError')
          save.after(
            failure({ title: problem.title ?? 'It could not be saved', detail: problem.detail ?? problem.message }),
          );
      }
    },
    { 'data-name': one.id, 'aria-label': `Download ${one.id}` },
  );
  return save;
}

const sheet = (title, ...children) => h('section', { class: 'sheet' }, h('h2', {}, title), children);
const figure = (label, value, more) =>
  h('li', {}, h('span', {}, label), h('strong', { class: value.length > 9 && 'long' }, value), h('small', {}, more));

const itemsFigure = (items, stats) =>
  figure(
    'Items',
    number(items),
    stats &&
      (stats.items_without_features
        ? `${count(stats.items_without_features, 'of them', 'of them')} without features`
        : `${count(stats.pictures, 'picture')}`),
  );

const featuresFigure = (stats) => figure('Features', number(stats.features), `in ${count(stats.segments, 'segment')}`);

const figuresOf = ({ levels }, stats) => [
  itemsFigure(stats?.items ?? levels.items, stats),
  stats && featuresFigure(stats),
  figure('Generation', number(levels.generation), `change ${number(levels.last_change)}`),
  figure('Memory', bytes(levels.resident_bytes), `${bytes(levels.index_bytes)} of index`),
  figure('Disk', bytes(levels.disk_bytes), `${bytes(levels.free_disk_bytes)} free`),
];

// What the shards hold is counted once, however many servers hold it.
const figuresOfGateway = ({ levels }, stats, cluster) => [
  itemsFigure(cluster.items, stats),
  figure('Shards', number(levels.shards), `${number(levels.shards_served)} of them served`),
  stats && featuresFigure(stats),
  figure('Change', number(levels.last_change), `of ${number(cluster.collection_version)}, seen by all`),
  stats && figure('Index', bytes(stats.index_bytes + stats.mapped_bytes), `${bytes(stats.disk_bytes)} on disk`),
  figure('Memory', bytes(levels.resident_bytes), 'of this gateway'),
];

const rowsOf = (rows) =>
  h(
    'table',
    {},
    h(
      'tbody',
      {},
      rows.map(([label, value, share]) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, label),
          h('td', {}, value),
          h('td', { class: 'bar' }, share === undefined ? '' : bar(share)),
        ),
      ),
    ),
  );

function shares(counts, words) {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  return Object.entries(words).map(([word, label]) => [
    label,
    number(counts[word] ?? 0),
    (counts[word] ?? 0) / Math.max(total, 1),
  ]);
}

const STATES = { waiting: 'Waits', running: 'Runs', done: 'Done', failed: 'Failed' };

function jobsOf(jobs) {
  return sheet(
    'Jobs',
    jobs.length
      ? h(
          'ul',
          { class: 'jobs' },
          jobs.slice(0, 20).map((job) =>
            h(
              'li',
              {},
              h('strong', {}, `${job.kind === 'import' ? 'Import' : 'Snapshot'}: ${STATES[job.state] ?? job.state}`),
              job.state === 'running' &&
                h('progress', { 'aria-label': `Progress of ${job.id}`, max: job.total || 1, value: job.done }),
              h(
                'small',
                {},
                `${moment(job.created)}, ${number(job.done)} of ${number(job.total)}${job.failed ? `, ${number(job.failed)} failed` : ''}`,
              ),
              job.messages.length > 0 &&
                h(
                  'details',
                  {},
                  h('summary', {}, count(job.messages.length, 'message')),
                  h(
                    'ul',
                    {},
                    job.messages.map((text) => h('li', {}, text)),
                  ),
                ),
            ),
          ),
        )
      : h('p', {}, 'No import or snapshot has been asked for since the server began.'),
  );
}
