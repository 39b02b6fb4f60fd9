// The key: asked for when the server wants one, kept in this tab alone, and forgotten with it.

import { json, key, setKeyAsker } from './api.js';
import { button, field, h, openDialog, say } from './dom.js';

const REASONS = {
  needed: 'This server answers only with a key. It stays in this tab and is forgotten when you close it.',
  refused:
    'The server no longer takes the key of this tab. It may have expired. Give another one to go on where you were.',
  change: 'Enter another key. It stays in this tab and is forgotten when you close it.',
};

/** What the holder of the key may do; everything in a server without keys. null: not known yet. */
export const may = { name: '', write: false, admin: false, known: false };

let open = null;

async function dialog(reason) {
  const input = h('input', { type: 'password', autocomplete: 'off', spellcheck: 'false', required: true });
  let given = false;
  const form = h(
    'form',
    {
      method: 'dialog',
      on: {
        submit: () => {
          given = input.value.trim() !== '';
          if (given) key.set(input.value.trim());
        },
      },
    },
    field('Key', input),
    h(
      'div',
      { class: 'row end' },
      button('Not now', () => form.closest('dialog').close()),
      h('button', { class: 'main' }, 'Use this key'),
    ),
  );
  await openDialog(
    reason === 'refused' ? 'The key is no longer good' : 'A key, please',
    h('div', {}, h('p', {}, REASONS[reason]), form),
  );
  if (given) say('The key is kept in this tab.');
  if (given) refreshRole();
  return given;
}

/** One dialog for all requests that wait for a key. */
function askForKey(reason) {
  open ??= dialog(reason).finally(() => {
    open = null;
  });
  return open;
}

/** Learns what the key may do, and tells those who listen for 'role' on the document. */
export async function refreshRole() {
  try {
    const status = await json('v1/status', { quiet: true, patience: 0 });
    const roles = ['read', 'write', 'admin'];
    const role = roles.indexOf(status.key.role);
    Object.assign(may, {
      name: status.key.name ?? '',
      write: role >= 1 && !status.read_only,
      admin: role >= 2 && !status.read_only,
      known: true,
    });
    const shown = document.getElementById('key');
    shown.hidden = !status.keys;
    shown.textContent = `Key: ${may.name}`;
    shown.title = 'Change or forget the key';
  } catch (problem) {
    if (problem.status !== 401) return;
    Object.assign(may, { name: '', write: false, admin: false, known: true });
    const shown = document.getElementById('key');
    shown.hidden = false;
    shown.textContent = 'Enter a key';
  }
  document.dispatchEvent(new Event('role'));
}

async function change() {
  if (!key.get()) return askForKey('needed');
  const choice = await openDialog(
    'The key of this tab',
    h(
      'p',
      {},
      may.name
        ? `It is called “${may.name}” and ${may.admin ? 'may do everything' : may.write ? 'may change items' : 'may ask and look'}.`
        : 'The server does not take it.',
    ),
    (close) => [
      button('Forget it', () => close('forget')),
      button('Use another', () => close('change'), { class: 'main' }),
    ],
  );
  if (choice === 'forget') {
    key.forget();
    say('The key is forgotten.');
    await refreshRole();
  } else if (choice === 'change') {
    await askForKey('change');
  }
}

export function startKeys() {
  setKeyAsker(askForKey);
  document.getElementById('key').addEventListener('click', change);
  refreshRole();
}
