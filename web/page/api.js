// Everything that the page asks of the server. Addresses are relative, so that the page works under
// any path of a proxy. A key that is missing or no longer good is asked for and the request sent
// again; a busy server is asked again after the time that it names.

/** What the server could not do (RFC 9457), or that it could not be reached: status 0. */
export class Problem extends Error {
  constructor(status, title, detail, type = '', wait_s = 0) {
    super(detail);
    Object.assign(this, { status, title, detail, type, wait_s });
  }
}

const TITLES = {
  0: 'The server does not answer',
  401: 'A key is needed',
  403: 'That is not allowed',
  404: 'It is not there',
  412: 'Somebody else was faster',
  413: 'Too large',
  415: 'Not a picture that can be read',
  422: 'The picture is damaged',
  429: 'Too many requests',
  503: 'The server is busy',
  507: 'The server’s disk is full',
};

let keyAsker = async () => false;

/** `ask(reason)` gets a key from the person and puts it where `key` finds it; false when they decline. */
export function setKeyAsker(ask) {
  keyAsker = ask;
}

export const key = {
  get: () => sessionStorage.getItem('inlier-key') ?? '',
  set: (text) => sessionStorage.setItem('inlier-key', text),
  forget: () => sessionStorage.removeItem('inlier-key'),
};

async function problemOf(response) {
  const said = await response.json().catch(() => ({}));
  const title = TITLES[response.status] ?? (response.status >= 500 ? 'The server failed' : 'The request was refused');
  const detail = said.detail ?? `The server answered ${response.status}.`;
  const type = (said.type ?? '').replace('urn:inlier:problem:', '');
  return new Problem(response.status, title, detail, type, Number(response.headers.get('Retry-After')) || 0);
}

const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

async function once(path, { method, body, headers, signal }) {
  const held = key.get();
  const all = held ? { ...headers, Authorization: `Bearer ${held}` } : headers;
  let response;
  try {
    response = await fetch(path, { method, body, headers: all, signal, cache: 'no-store', credentials: 'same-origin' });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0, TITLES[0], 'No answer came. It may be stopped, or the connection is down.');
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  problem.held = held;
  throw problem;
}

/**
 * Sends one request and resolves with the response when it is good; rejects with a Problem. Of a busy
 * server it asks at most `patience` more times; `waiting(seconds)` is called before each pause.
 */
export async function send(path, { method = 'GET', body, headers = {}, signal, patience = 3, waiting, quiet } = {}) {
  for (let tries = 0; ; ++tries) {
    try {
      return await once(path, { method, body, headers, signal });
    } catch (problem) {
      if (problem.status === 401 && !quiet) {
        // Another request may have brought a new key meanwhile.
        if (key.get() !== problem.held || (await keyAsker(problem.held ? 'refused' : 'needed'))) continue;
      }
      if ((problem.status !== 503 && problem.status !== 429) || tries >= patience) throw problem;
      const seconds = Math.max(1, problem.wait_s) * 2 ** tries;
      waiting?.(seconds);
      await pause(seconds * 1000, signal);
    }
  }
}

export async function json(path, options) {
  return (await send(path, options)).json();
}

/** A path of the service that names an item. */
export const itemPath = (id, rest = '') => `v1/items/${encodeURIComponent(id)}${rest}`;

/** The parameters of a request: pairs of name and value, of which empty values are left out. */
export function query(pairs) {
  const kept = pairs.filter(([, value]) => value !== '' && value !== null && value !== undefined && value !== false);
  return kept.length ? `?${new URLSearchParams(kept)}` : '';
}
