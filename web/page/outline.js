// A photo with an outline for every hit, and the links between the outlines and a list beside it.

import { h, svg } from './dom.js';

const BADGE_PX = 12; // its radius on the screen, whatever the photo's size

const pointsOf = (corners) => corners.map(([x, y]) => `${x + 0.5},${y + 0.5}`).join(' ');
const within = (value, least, most) => Math.min(Math.max(value, least), most);

/** The outline of one hit, with its number at the corner that is nearest to the photo's left top. */
function shapeOf({ hit, label }) {
  const badge = svg(
    'g',
    { class: 'badge' },
    svg('circle', { r: BADGE_PX }),
    svg('text', { 'text-anchor': 'middle', 'dominant-baseline': 'central' }, hit.rank),
  );
  badge.at = hit.polygon.reduce((a, b) => (a[0] + a[1] <= b[0] + b[1] ? a : b));
  return svg(
    'g',
    { class: `outline ${hit.accepted ? 'accepted' : 'rejected'}`, role: 'button', tabindex: '-1', 'aria-label': label },
    svg('polygon', { points: pointsOf(hit.polygon), class: 'halo' }),
    svg('polygon', { points: pointsOf(hit.polygon), class: 'line' }),
    hit.difference && svg('polygon', { class: 'differs', points: pointsOf(hit.difference) }),
    badge,
  );
}

/** Pointing at an outline or at its card marks both, and choosing the outline goes to the card. */
function link({ shape, card }) {
  const mark = (on) => () => {
    shape.classList.toggle('marked', on);
    card.classList.toggle('marked', on);
  };
  for (const element of [shape, card]) {
    for (const event of ['pointerenter', 'focusin']) element.addEventListener(event, mark(true));
    for (const event of ['pointerleave', 'focusout']) element.addEventListener(event, mark(false));
  }
  // An outline that is marked through its card comes to the top; under the pointer the order stays.
  card.addEventListener('pointerenter', () => shape.parentNode.append(shape));
  shape.addEventListener('click', () => goTo(card));
}

function goTo(card) {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  card.querySelector('h3').focus({ preventScroll: true });
  card.scrollIntoView({ block: 'nearest', behavior: still ? 'auto' : 'smooth' });
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** All outlines are one stop of the Tab key; arrows go from one to the next. */
function walk(entries) {
  entries[0]?.shape.setAttribute('tabindex', '0');
  entries.forEach(({ shape, card }, i) =>
    shape.addEventListener('keydown', (event) => {
      const step = STEPS[event.key];
      if (step) {
        const next = entries[(i + step + entries.length) % entries.length].shape;
        shape.setAttribute('tabindex', '-1');
        next.setAttribute('tabindex', '0');
        next.focus({ preventScroll: true });
      } else if (event.key === 'Enter' || event.key === ' ') {
        goTo(card);
      } else {
        return;
      }
      event.preventDefault();
    }),
  );
}

/** Keeps the badges readable and within the photo when the drawing gets another size. */
function keepBadges(drawing, size) {
  const fit = () => {
    const scale = size.width / (drawing.clientWidth || size.width);
    const margin = (BADGE_PX + 1) * scale;
    for (const badge of drawing.querySelectorAll('.badge')) {
      const x = within(badge.at[0], margin, size.width - margin);
      const y = within(badge.at[1], margin, size.height - margin);
      badge.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
    }
  };
  new ResizeObserver(fit).observe(drawing);
}

/** `entries` have a hit, its card in the list, and a label that says which it is. */
export function outlinedPhoto(photo, entries, size) {
  const outlined = entries.filter(({ hit }) => hit.polygon);
  for (const entry of outlined) {
    entry.shape = shapeOf(entry);
    link(entry);
  }
  walk(outlined);
  // The last one is drawn on top, so the likeliest comes last.
  const shapes = svg('g', {}, outlined.map(({ shape }) => shape).reverse());
  const drawing = svg(
    'svg',
    {
      viewBox: `0 0 ${size.width} ${size.height}`,
      class: 'outlines',
      role: 'group',
      'aria-label': 'Outlines of the hits',
    },
    shapes,
  );
  keepBadges(drawing, size);
  const unseen = 'This browser cannot show the photo. The outlines are where the server saw the items.';
  const stage = h(
    'div',
    { class: 'stage' },
    photo.readable
      ? h('img', { src: photo.url, alt: `The photo ${photo.name}` })
      : h('div', { class: 'unseen' }, unseen),
    drawing,
  );
  stage.style.aspectRatio = `${size.width} / ${size.height}`;
  stage.style.setProperty('--shape', size.width / size.height);
  return stage;
}
