// Changes of the catalogue. Each is a dialog; what touches an item that somebody else may have changed
// says which version it means (If-Match). Many changes show how far they are and name what failed.

import { itemPath, json, send } from './api.js';
import { button, confirmed, failure, field, h, openDialog, say } from './dom.js';
import { KINDS } from './intake.js';
import { bytes, count } from './words.js';

const AT_ONCE = 3;
const fileInput = (properties = {}) => h('input', { type: 'file', accept: KINDS, required: true, ...properties });

/** A dialog with a form. `work(form)` does the change; what it rejects with is shown and can be tried again. */
function formDialog(title, fields, verb, work) {
  let done = false;
  const wrong = h('div', {});
  const submit = h('button', { class: 'main' }, verb);
  const form = h(
    'form',
    {
      on: {
        submit: async (event) => {
          event.preventDefault();
          if (submit.disabled) return;
          submit.disabled = true;
          wrong.replaceChildren();
          try {
            await work(form);
            done = true;
            form.closest('dialog').close();
          } catch (problem) {
            wrong.replaceChildren(
              failure({ title: problem.title ?? 'That did not work', detail: problem.detail ?? problem.message }),
            );
          } finally {
            submit.disabled = false;
          }
        },
      },
    },
    fields,
    wrong,
    h(
      'div',
      { class: 'row end' },
      button('Cancel', () => form.closest('dialog').close()),
      submit,
    ),
  );
  return openDialog(title, form).then(() => done);
}

/** Does many things, a few at a time, in a dialog that can be stopped. `each(thing, signal)`. */
async function many(title, things, nameOfThing, each) {
  const stop = new AbortController();
  const bar = h('progress', { max: things.length, value: 0, 'aria-label': title });
  const state = h('p', { role: 'status' }, `0 of ${things.length}`);
  const failures = h('ul', { class: 'failures' });
  const end = button('Stop', () => (finished ? end.closest('dialog').close() : stop.abort()));
  const dialog = openDialog(title, h('div', {}, bar, state, failures), () => [end]);
  const queue = [...things];
  let done = 0,
    failed = 0,
    finished = false;
  const work = async () => {
    for (let thing = queue.shift(); thing && !stop.signal.aborted; thing = queue.shift()) {
      try {
        await each(thing, stop.signal);
      } catch (problem) {
        if (problem.name === 'AbortError') return;
        ++failed;
        if (failed <= 50)
          failures.append(h('li', {}, h('strong', {}, nameOfThing(thing)), `: ${problem.detail ?? problem.message}`));
      }
      bar.value = ++done;
      state.textContent = `${done} of ${things.length}${failed ? `, ${failed} failed` : ''}`;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  finished = true;
  state.textContent = stop.signal.aborted
    ? `Stopped after ${done} of ${things.length}.`
    : failed
      ? `${failed} of ${things.length} failed.`
      : `All ${things.length} done.`;
  end.textContent = 'Close';
  if (!failed && !stop.signal.aborted) end.closest('dialog').close();
  await dialog;
  say(state.textContent);
  return true;
}

function metadataRows(metadata) {
  const rows = h('div', { class: 'conditions' });
  const add = (column = '', value = '') =>
    rows.append(
      h(
        'div',
        { class: 'row', role: 'group', 'aria-label': 'Column' },
        field('Column', h('input', { value: column, autocomplete: 'off' })),
        field('Value', h('input', { value, autocomplete: 'off' })),
        button('Remove', (event) => event.target.closest('.row').remove(), { 'aria-label': 'Remove this column' }),
      ),
    );
  Object.entries(metadata).forEach(([column, value]) => add(column, value));
  return {
    element: h(
      'fieldset',
      {},
      h('legend', {}, 'Metadata'),
      rows,
      button('Add a column', () => {
        add();
        rows.lastChild.querySelector('input').focus();
      }),
    ),
    read: () =>
      Object.fromEntries(
        [...rows.children]
          .map((row) => [...row.querySelectorAll('input')].map((input) => input.value.trim()))
          .filter(([column]) => column),
      ),
  };
}

const put = (id, files, metadata, options = {}) => {
  const body = new FormData();
  for (const file of files) body.append('picture', file, file.name);
  body.append('metadata', JSON.stringify(metadata));
  return send(itemPath(id), { method: 'PUT', body, ...options });
};
const ifMatch = (version) => (version ? { 'If-Match': `"${version}"` } : {});

export function addItem() {
  const id = h('input', { required: true, autocomplete: 'off', maxlength: 1024 });
  const files = fileInput({ multiple: true });
  const metadata = metadataRows({});
  return formDialog(
    'Add an item',
    [field('Id', id, 'An item of this id is replaced.'), field('Pictures', files), metadata.element],
    'Add',
    async () => {
      await put(id.value.trim(), files.files, metadata.read());
      say(`${id.value.trim()} is in the catalogue.`);
    },
  );
}

export async function addMany() {
  const files = fileInput({ multiple: true });
  const folder = h('input', { type: 'file', webkitdirectory: true });
  let chosen = [];
  files.required = false;
  const ok = await formDialog(
    'Add many pictures',
    [
      h(
        'p',
        {},
        'Each picture becomes an item that is called like its file. Items that are there already are replaced.',
      ),
      field('Pictures', files),
      field('Or a folder', folder),
    ],
    'Add them',
    async () => {
      chosen = [...files.files, ...folder.files].filter((file) => !file.type || file.type.startsWith('image/'));
      if (!chosen.length) throw new Error('Choose pictures, or a folder that has some.');
    },
  );
  if (!ok) return false;
  return many(
    `Adding ${count(chosen.length, 'item')}`,
    chosen,
    (file) => file.name,
    (file, signal) => put(file.name.replace(/\.[^.]+$/, ''), [file], {}, { signal, patience: 8 }),
  );
}

export async function importFile() {
  const table = h('input', { type: 'file', required: true, accept: '.tar,.gz,.tgz,.zst,.csv,.tsv,.jsonl,.xml,.txt' });
  const pictures = fileInput({ multiple: true, required: false });
  let job = null;
  const ok = await formDialog(
    'Import a table',
    [
      h(
        'p',
        {},
        'A table (id, image and any metadata; also the exports of shops) with its pictures, or an archive that has both. The server works on it as a job.',
      ),
      field('Table or archive', table),
      field('Pictures of a table', pictures),
    ],
    'Import',
    async () => {
      const [file] = table.files;
      if (/\.(tar|tgz|gz|zst)$/i.test(file.name)) {
        job = await json('v1/import', {
          method: 'POST',
          body: file,
          headers: { 'Content-Type': /z$/i.test(file.name) ? 'application/gzip' : 'application/x-tar' },
        });
      } else {
        const body = new FormData();
        body.append('table', file, file.name);
        for (const picture of pictures.files) body.append('picture', picture, picture.name);
        job = await json('v1/import', { method: 'POST', body });
      }
    },
  );
  if (!ok) return;
  say(`The import of ${bytes(table.files[0].size)} has begun as job ${job.id}.`);
  location.hash = '#/status';
}

export function editMetadata(item) {
  const metadata = metadataRows(item.metadata);
  return formDialog(`Metadata of ${item.id}`, [metadata.element], 'Save', async () => {
    const wanted = metadata.read();
    const gone = Object.keys(item.metadata)
      .filter((column) => !(column in wanted))
      .map((column) => [column, null]);
    await send(itemPath(item.id), {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/merge-patch+json', ...ifMatch(item.version) },
      body: JSON.stringify({ metadata: { ...wanted, ...Object.fromEntries(gone) } }),
    });
    say('The metadata are saved.');
  });
}

export async function addPictures(item) {
  const files = fileInput({ multiple: true });
  let chosen = [];
  if (
    !(await formDialog(`Add pictures to ${item.id}`, [field('Pictures', files)], 'Add', async () => {
      chosen = [...files.files];
    }))
  )
    return false;
  return many(
    `Adding ${count(chosen.length, 'picture')}`,
    chosen,
    (file) => file.name,
    (file, signal) =>
      send(itemPath(item.id, '/pictures'), {
        method: 'POST',
        body: file,
        headers: { 'Content-Type': 'application/octet-stream' },
        signal,
        patience: 8,
      }),
  );
}

export function replacePictures(item) {
  const files = fileInput({ multiple: true });
  return formDialog(
    `Replace the pictures of ${item.id}`,
    [h('p', {}, 'The metadata stay as they are.'), field('New pictures', files)],
    'Replace',
    async () => {
      await put(item.id, files.files, item.metadata, { headers: ifMatch(item.version) });
      say('The pictures are replaced.');
    },
  );
}

export async function removePicture(item, number) {
  if (!(await confirmed('Remove this picture?', `${item.id} keeps its other pictures.`, 'Remove'))) return false;
  return many(
    'Removing',
    [number],
    () => item.id,
    () => send(itemPath(item.id, `/pictures/${number}`), { method: 'DELETE', headers: ifMatch(item.version) }),
  );
}

/** `version` is of a single item. */
export async function removeItems(ids, version) {
  const what = ids.length === 1 ? ids[0] : count(ids.length, 'item');
  if (!(await confirmed(`Remove ${what}?`, 'It cannot be taken back.', 'Remove'))) return false;
  return many(
    `Removing ${what}`,
    ids,
    (id) => id,
    (id, signal) => send(itemPath(id), { method: 'DELETE', headers: ifMatch(version), signal }),
  );
}
