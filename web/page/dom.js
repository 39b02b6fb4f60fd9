// Elements of the page. Text always becomes text: nothing in the page makes markup of a string, and
// the content security policy would not let it.

const SVG = 'http://www.w3.org/2000/svg';

// Children may be in lists; those that are null or false are not there.
const solid = (children) =>
  children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === 'value' || name === 'checked') {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...solid(children));
  return element;
}

/** An element with attributes, listeners (`on`) and children, of which null ones are left out. */
export function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same of SVG. */
export function svg(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** Replaces the children of an element by these. */
export function refill(element, ...children) {
  element.replaceChildren(...solid(children));
}

export function button(text, click, properties = {}) {
  return h('button', { type: 'button', ...properties, on: { click } }, text);
}

/** A bar that is filled up to a share; what it means is said in words beside it. */
export function bar(share) {
  const filled = h('i', {});
  filled.style.width = `${Math.round(100 * Math.min(1, Math.max(0, share)))}%`;
  return h('span', { class: 'meter', 'aria-hidden': 'true' }, filled);
}

/** A label with the control that it names. */
export function field(label, control, hint) {
  return h('label', { class: 'field' }, h('span', {}, label), control, hint && h('small', {}, hint));
}

/** Tells people who do not see the page what has changed. */
export function say(text) {
  const place = document.getElementById('said');
  place.textContent = place.textContent === text ? text + '\u00a0' : text;
}

/** A note for a place where there is nothing to show, which says what to do about it. */
export function empty(title, text, ...actions) {
  return h('div', { class: 'empty' }, h('h2', {}, title), h('p', {}, text), h('p', { class: 'row' }, actions));
}

/** What went wrong, for people, with a way to try again. */
export function failure(problem, again) {
  return h(
    'div',
    { class: 'failure', role: 'alert' },
    h('strong', {}, problem.title),
    h('p', {}, problem.detail),
    again && button('Try again', again),
  );
}

/** A dialog that is removed when it closes. Resolves with its return value; '' means that it was dismissed. */
export function openDialog(title, body, actions) {
  return new Promise((resolve) => {
    const name = `d${Math.random().toString(36).slice(2)}`;
    const dialog = h(
      'dialog',
      { 'aria-labelledby': name },
      h('h2', { id: name }, title),
      body,
      actions &&
        h(
          'div',
          { class: 'row end' },
          actions((value) => dialog.close(value)),
        ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Asks whether to do something that cannot be taken back. */
export async function confirmed(title, text, verb) {
  const value = await openDialog(title, h('p', {}, text), (close) => [
    button('Cancel', () => close('')),
    button(verb, () => close('yes'), { class: 'danger' }),
  ]);
  return value === 'yes';
}
