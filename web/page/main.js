// The page of `inlier serve`, from here to its parts:
//
//   main.js      which view is shown; the part of the address behind # decides
//   ask.js       photos come in (intake.js), are cropped (crop.js) and asked (photos.js keeps them and
//                their answers)
//   answer.js    what a photo shows, with its outlines (outline.js)
//   match.js     one photo and one picture of an item, side by side (sides.js) and laid over
//                each other (overlay.js, warp.js)
//   items.js     the catalogue and one item of it (item.js), and changes of both (change.js)
//   status.js    how the server is
//   api.js       requests; key.js the key; pictures.js small pictures; filter.js conditions on
//                metadata; words.js numbers; dom.js elements
//
// A view is a function that fills an element once and returns { show(path, parameters), hide() }.

import { answerView } from './answer.js';
import { askView } from './ask.js';
import { itemView } from './item.js';
import { itemsView } from './items.js';
import { startKeys } from './key.js';
import { matchView } from './match.js';
import { statusView } from './status.js';

const views = {
  ask: { title: 'Ask', make: askView },
  answer: { title: 'Answer', make: answerView },
  match: { title: 'Match', make: matchView },
  items: { title: 'Catalogue', make: itemsView },
  item: { title: 'Item', make: itemView, tab: 'items' },
  status: { title: 'Status', make: statusView },
};

const main = document.getElementById('main');
let shown = null;

/** An address that somebody has typed may have a % that means nothing. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function route() {
  const [path, parameters] = (location.hash.replace(/^#\/?/, '') || 'ask').split('?');
  const [name, ...rest] = path.split('/').map(decoded);
  const view = views[name] ?? views.ask;
  if (!view.section) {
    view.section = document.createElement('section');
    view.section.className = `view ${name}`;
    main.append(view.section);
    view.handle = view.make(view.section);
  }
  const moved = shown !== null;
  if (shown && shown !== view) shown.handle.hide?.();
  for (const other of Object.values(views)) if (other.section) other.section.hidden = other !== view;
  shown = view;
  document.title = `${view.title} – Inlier`;
  for (const link of document.querySelectorAll('#views a')) {
    if (link.dataset.view === (view.tab ?? name)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  view.handle.show?.(rest, new URLSearchParams(parameters));
  if (!moved) return;
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener('hashchange', route);
route();
startKeys();
