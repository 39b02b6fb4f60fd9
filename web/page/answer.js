// Answer: what a photo shows, where, how sure that is, and why the rest was not accepted.

import { bar, empty, failure, h, refill, say } from './dom.js';
import { outlinedPhoto } from './outline.js';
import { photos } from './photos.js';
import { picture } from './pictures.js';
import { count, likelihood, milliseconds, nameOf, percent } from './words.js';

const MOST_META = 6; // columns that a card shows before the fold
const LOOKS_ALIKE = 0.3; // less probable than that is no more than a guess

export function answerView(section) {
  let shown = null;
  const pick = h('nav', { 'aria-label': 'Photos', class: 'strip' });
  const body = h('div', {});
  section.append(pick, body);

  function draw(number) {
    const asked = photos.all.filter((photo) => photo.state !== 'new');
    shown = photos.find(number) ?? asked.at(-1) ?? null;
    pick.hidden = photos.all.length < 2;
    pick.replaceChildren(
      ...photos.all.map((photo) =>
        h(
          'a',
          {
            href: `#/answer/${photo.number}`,
            'aria-current': photo === shown ? 'page' : null,
            'aria-label': photo.name,
          },
          h('img', { src: photo.url, alt: '' }),
        ),
      ),
    );
    refill(
      body,
      shown
        ? answerOf(shown)
        : [
            h('h1', {}, 'Answer'),
            empty(
              'Nothing has been asked yet',
              'Drop a photo on the first page, and its answer appears here.',
              h('a', { class: 'button main', href: '#/ask' }, 'Ask a photo'),
            ),
          ],
    );
    if (shown?.state === 'done') requestAnimationFrame(() => setTimeout(() => performance.mark('answer-drawn')));
  }
  photos.addEventListener('change', () => {
    if (!section.hidden) draw(shown?.number);
  });
  return {
    show: ([number]) => {
      draw(Number(number));
      if (shown?.state === 'done') say(verdict(shown.answer).title);
    },
  };
}

function answerOf(photo) {
  if (photo.state === 'failed') return [h('h1', {}, photo.name), failure(photo.problem, () => photos.ask())];
  if (photo.state === 'new')
    return [
      h('h1', {}, photo.name),
      empty(
        'It has not been asked',
        'Its answer appears here when it has been.',
        h('a', { class: 'button main', href: '#/ask' }, 'Ask it'),
      ),
    ];
  if (photo.state !== 'done')
    return [
      h('h1', {}, photo.name),
      h('p', { class: 'loading' }, h('progress', { 'aria-label': 'Asking' }), ' ', photo.note || 'Looking …'),
    ];
  const { answer } = photo;
  const { title, text, word } = verdict(answer);
  const entries = answer.hits.map((hit) => {
    const name = nameOf(hit);
    return {
      hit,
      label: `${hit.rank}. ${name}, ${hit.accepted ? 'found' : 'not accepted'}, ${percent(hit.probability)}`,
      card: cardOf(photo, hit, name),
    };
  });
  const accepted = entries.filter(({ hit }) => hit.accepted),
    rejected = entries.filter(({ hit }) => !hit.accepted);
  const size = {
    width: photo.crop || !answer.photo_width ? photo.width : answer.photo_width,
    height: photo.crop || !answer.photo_height ? photo.height : answer.photo_height,
  };
  const stage = outlinedPhoto(photo, entries, size);
  return [
    h('div', { class: `verdict ${word}` }, h('h1', {}, title), h('p', {}, text)),
    notes(photo, answer),
    h(
      'div',
      { class: 'split' },
      h(
        'figure',
        {},
        stage,
        h(
          'figcaption',
          {},
          `${photo.name}, ${count(answer.features, 'feature')}`,
          photo.crop && `, of which a part of ${photo.crop.width} × ${photo.crop.height} px was looked at`,
        ),
      ),
      h(
        'div',
        { class: 'hits' },
        accepted.length > 0 && h('h2', {}, 'In this photo'),
        accepted.length > 0 &&
          h(
            'ol',
            { class: 'cards', 'aria-label': 'Found' },
            accepted.map(({ card }) => card),
          ),
        rejected.length > 0 && h('h2', {}, titleOfRest(answer)),
        rejected.length > 0 &&
          h(
            'ol',
            { class: 'cards', 'aria-label': 'Not accepted' },
            rejected.map(({ card }) => card),
          ),
        !answer.hits.length &&
          answer.features > 0 &&
          h(
            'p',
            { class: 'empty' },
            'No item of the catalogue has enough in common with the photo to be looked at closely.',
          ),
      ),
    ),
    timesOf(answer),
  ];
}

function verdict(answer) {
  if (answer.status === 'found') {
    const best = answer.hits[0];
    return answer.accepted_count === 1
      ? {
          word: 'found',
          title: nameOf(best),
          text: `Found in this photo. ${likelihood(best.probability)}: ${percent(best.probability)}.`,
        }
      : { word: 'found', title: `${answer.accepted_count} items found`, text: 'Each has its outline in the photo.' };
  }
  if (answer.status === 'no_features')
    return {
      word: 'absent',
      title: 'Nothing to recognise',
      text: 'The photo has no texture that an item could be recognised by. Take it sharper, closer, or with more light.',
    };
  if (looksAlike(answer)) {
    const [best] = answer.hits;
    return {
      word: 'absent',
      title: `Looks like ${nameOf(best)}`,
      text: `Nothing in this photo is certain to be an item of the catalogue. ${likelihood(best.probability)}: ${percent(best.probability)}.`,
    };
  }
  return {
    word: 'absent',
    title: 'Not in the catalogue',
    text: answer.hits.length
      ? 'None of the items can be recognised in this photo with enough certainty.'
      : 'Nothing in this photo resembles an item of the catalogue.',
  };
}

const looksAlike = ({ hits: [best] }) => best?.kind === 'similar' && best.probability >= LOOKS_ALIKE;

function titleOfRest(answer) {
  if (answer.status === 'found') return 'Looked at, and not accepted';
  return looksAlike(answer) ? 'What looks alike' : 'The nearest, and why they are not it';
}

function notes(photo, answer) {
  const list = [...(answer.warnings ?? [])];
  if (answer.where_matched === 0) list.push('No item satisfies the filter, so no photo could have shown one.');
  else if (answer.where_matched !== undefined)
    list.push(`Looked for among the ${count(answer.where_matched, 'item')} that satisfy the filter.`);
  return (
    list.length > 0 &&
    h(
      'ul',
      { class: 'notes' },
      list.map((text) => h('li', {}, text)),
    )
  );
}

function cardOf(photo, hit, name) {
  const metadata = Object.entries(hit.metadata).filter(([, value]) => value && value !== name);
  const rows = (pairs) =>
    h(
      'dl',
      {},
      pairs.map(([column, value]) => [h('dt', {}, column), h('dd', {}, value)]),
    );
  return h(
    'li',
    { class: hit.accepted ? 'card hit' : 'card hit rejected', 'data-rank': hit.rank },
    h(
      'a',
      { class: 'thumb-link', href: `#/item/${encodeURIComponent(hit.id)}`, tabindex: '-1', 'aria-hidden': 'true' },
      picture(hit.id, hit.picture_number),
    ),
    h(
      'div',
      { class: 'grow' },
      h('h3', { tabindex: '-1' }, h('span', { class: 'rank' }, hit.rank, h('span', { class: 'sr' }, '. ')), name),
      h(
        'p',
        { class: 'sure' },
        likelihood(hit.probability),
        h('span', {}, ` ${percent(hit.probability)}`),
        bar(hit.probability),
      ),
      whyNot(hit),
      h(
        'dl',
        {},
        name !== hit.id && [h('dt', {}, 'id'), h('dd', {}, hit.id)],
        metadata.slice(0, MOST_META).map(([column, value]) => [h('dt', {}, column), h('dd', {}, value)]),
      ),
      metadata.length > MOST_META &&
        h('details', {}, h('summary', {}, `${metadata.length - MOST_META} more`), rows(metadata.slice(MOST_META))),
      hit.twins &&
        h(
          'p',
          { class: 'twins' },
          'No photo can tell it from ',
          hit.twins
            .slice(0, 12)
            .map((id, i) => [i > 0 && ', ', h('a', { href: `#/item/${encodeURIComponent(id)}` }, id)]),
          hit.twins.length > 12 && ` and ${hit.twins.length - 12} more`,
          '.',
        ),
      h(
        'p',
        { class: 'row links' },
        h(
          'a',
          { class: 'button', href: `#/match/${photo.number}/${hit.rank}`, 'aria-label': `See why: ${name}` },
          'See why',
        ),
        h(
          'a',
          { class: 'button quiet', href: `#/item/${encodeURIComponent(hit.id)}`, 'aria-label': `Item ${name}` },
          'Item',
        ),
      ),
    ),
  );
}

/** Methods that compare pictures as a whole give no reason but the probability. */
function whyNot(hit) {
  if (hit.accepted) return null;
  if (hit.kind === 'similar')
    return h('p', { class: 'why' }, 'It looks alike as a whole. That is not enough to tell it from others that do.');
  if (!hit.reason_text) return h('p', { class: 'why' }, 'Not likely enough to be accepted.');
  return h(
    'p',
    { class: 'why' },
    `${capital(hit.reason_text)}.`,
    hit.reason_hint && h('span', {}, ` ${capital(hit.reason_hint)}.`),
  );
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const STAGES = [
  ['decode', 'Read the photo'],
  ['extract', 'Extract features'],
  ['shortlist', 'Ask the index'],
  ['verify', 'Verify the best'],
  ['second_look', 'Look again'],
];

function timesOf(answer) {
  const { total } = answer.timings_ms;
  return h(
    'details',
    { class: 'fold' },
    h('summary', {}, `Answered in ${milliseconds(total)}`),
    h(
      'table',
      {},
      h('caption', {}, 'Time by stage'),
      h(
        'tbody',
        {},
        STAGES.map(([stage, label]) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, label),
            h('td', {}, milliseconds(answer.timings_ms[stage])),
            h('td', { class: 'bar' }, bar(answer.timings_ms[stage] / Math.max(total, 0.1))),
          ),
        ),
      ),
      h('tfoot', {}, h('tr', {}, h('th', { scope: 'row' }, 'In all'), h('td', {}, milliseconds(total)), h('td', {}))),
    ),
    h('p', {}, `The database was at change ${answer.last_change}, its index at generation ${answer.generation}.`),
  );
}
