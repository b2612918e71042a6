// Checks the layout's rules for what is visible: the topmost dialog, or the page. Returns the faults as sentences.
// The first argument has the selector of controls that must be LARGE pixels wide and high; all others must be SMALL.
const [LARGE_CONTROLS] = arguments;
const [SMALL, LARGE] = [24, 44];
// Borders of neighbours may share two pixels.
const TOUCHING = 3;
const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
// The shortest period of a movement that does not end.
const SLOW_MS = 5000;
const faults = [];

const style = (element, part) => getComputedStyle(element, part);
const box = element => element.getBoundingClientRect();
/** Elements of one pixel are for screen readers. */
const isShown = element =>
    element.checkVisibility({ visibilityProperty: true }) && box(element).width > 1 && box(element).height > 1;
const name = element => {
    const id = element.dataset.testid ?? element.id;
    const words = (element.innerText ?? element.textContent).trim().replaceAll(/\s+/g, ' ').slice(0, 40);
    return `${element.localName}${id ? `[${id}]` : ''} ${JSON.stringify(words)}`;
};

const dialogs = [...document.querySelectorAll('dialog[open]')].filter(dialog => {
    const { left, top, width, height } = box(dialog);
    return dialog.contains(document.elementFromPoint(left + width / 2, top + height / 2));
});
const root = dialogs[0] ?? document.body;
const within = [...root.querySelectorAll('*')].filter(element => element.closest('dialog') === (dialogs[0] ?? null));

/** What is hit instead of a radio button: its label. */
const target = control => control.matches('[type=radio], [type=checkbox]') ? control.closest('label') ?? control : control;
const controls = within.filter(element => element.matches(CONTROLS));
const targets = [...new Set(controls.map(target))].filter(isShown);
const ownTexts = element => [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
const texts = [root, ...within].filter(element => ownTexts(element).length > 0 && isShown(element));
const lines = element => ownTexts(element).flatMap(node => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()];
});
const ancestors = element => {
    const all = [];
    for (let other = element.parentElement; other && other !== document.body; other = other.parentElement) {
        all.push(other);
        if (other === root) break;
    }
    return all;
};
const scrolls = element =>
    ['auto', 'scroll'].includes(style(element).overflowY) && element.scrollHeight > element.clientHeight + 1;

// Everything is measured where the visitor begins to read.
const places = [document.scrollingElement, root, ...within].map(element => [element, element.scrollLeft, element.scrollTop]);
const moved = places.filter(([, left, top]) => left || top);
for (const [element] of moved) element.scrollTo({ left: 0, top: 0, behavior: 'instant' });

if (dialogs[0]) {
    const { left, top, right, bottom } = box(root);
    if (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1)
        faults.push(`${name(root)} is larger than the window`);
}

// Nothing is cut off by what it lies in.
for (const element of new Set([...targets, ...texts])) {
    const { left, top, right, bottom } = box(element);
    for (const outer of ancestors(element)) {
        const { overflowX, overflowY } = style(outer);
        const edge = box(outer);
        const isCut = overflowX !== 'visible' && (left < edge.left - 1 || right > edge.right + 1)
            || ['hidden', 'clip'].includes(overflowY) && (top < edge.top - 1 || bottom > edge.bottom + 1);
        if (isCut) {
            faults.push(`${name(element)} is cut off by ${outer.localName}.${outer.className}`);
            break;
        }
        if (scrolls(outer)) break;
    }
}

/** The part of a rectangle that is not scrolled out of sight. */
const visible = (rect, element) => {
    let { left, top, right, bottom } = rect;
    for (const outer of [element, ...ancestors(element)].filter(scrolls)) {
        const edge = box(outer);
        [left, top] = [Math.max(left, edge.left), Math.max(top, edge.top)];
        [right, bottom] = [Math.min(right, edge.right), Math.min(bottom, edge.bottom)];
    }
    return { left, top, right, bottom };
};
const overlap = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > TOUCHING
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > TOUCHING;
/** Whether what lies below the element can be scrolled away: the element sticks to the bottom. */
const bottom = Math.min(box(root).bottom, innerHeight);
const isAtBottom = element => [element, ...ancestors(element)].some(outer =>
    outer !== root && ['sticky', 'fixed'].includes(style(outer).position) && box(outer).bottom > bottom - 8);
const areRelated = (one, other) => one.contains(other) || other.contains(one);
const shapes = targets.map(element => ({ element, rect: visible(box(element), element), isAtBottom: isAtBottom(element) }));
const written = texts.flatMap(element => {
    const atBottom = isAtBottom(element);
    return lines(element).map(line => ({ element, rect: visible(line, element), isAtBottom: atBottom }));
});
for (const [position, one] of shapes.entries()) {
    for (const other of shapes.slice(position + 1)) {
        if (one.isAtBottom === other.isAtBottom && !areRelated(one.element, other.element) && overlap(one.rect, other.rect))
            faults.push(`${name(one.element)} and ${name(other.element)} overlap`);
    }
    const covered = written.find(text =>
        one.isAtBottom === text.isAtBottom && !areRelated(one.element, text.element) && overlap(one.rect, text.rect));
    if (covered) faults.push(`${name(one.element)} lies over the text ${name(covered.element)}`);
}

/** What a click on it may hit: a link may cover what it lies in. */
const area = element => {
    const covers = style(element).position === 'static' && style(element, '::after').position === 'absolute';
    return box(covers ? element.offsetParent ?? element : element);
};
for (const element of targets) {
    const { width, height } = area(element);
    const isInSentence = element.matches('a') && style(element).display === 'inline'
        && ownTexts(element.parentElement).length > 0;
    const least = element.matches(LARGE_CONTROLS) ? LARGE : SMALL;
    if (!isInSentence && Math.min(width, height) < least - 0.5)
        faults.push(`${name(element)} is ${Math.round(width)} x ${Math.round(height)} px, less than ${least}`);
    if (element.matches('button, a') && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
        faults.push(`the label of ${name(element)} is wider than it`);
    if (element.matches('button')) {
        const tops = texts.filter(text => element.contains(text)).flatMap(lines).map(line => Math.round(line.top));
        if (new Set(tops).size > 2) faults.push(`the label of ${name(element)} has ${new Set(tops).size} lines`);
    }
}

// With reduced motion, what never ends may only be slow.
if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
    for (const { effect, playState } of document.getAnimations()) {
        const { duration, iterations } = effect.getTiming();
        if (playState === 'running' && iterations === Infinity && duration < SLOW_MS)
            faults.push(`${name(effect.target)} moves although motion is reduced`);
    }
}

// Each control can be scrolled into view and clicked. Last, because it scrolls.
for (const element of targets) {
    if (element.disabled || style(element).pointerEvents === 'none') continue;
    element.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
    // Of a link over several lines or around a picture, the largest part.
    const parts = [element, ...element.children].flatMap(part => [...part.getClientRects()]);
    const [{ left, top, width, height }] = parts.sort((one, other) => other.width * other.height - one.width * one.height);
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    if (!hit || hit !== element && !element.contains(hit) && target(hit) !== element)
        faults.push(`${name(element)} cannot be clicked: ${hit ? `${name(hit)} is in front` : 'it is out of sight'}`);
}
for (const [element, left, top] of places) {
    if (element.scrollLeft !== left || element.scrollTop !== top) element.scrollTo({ left, top, behavior: 'instant' });
}
return faults;
