// What every part of the page is made with. Nothing from outside ever becomes HTML: every text is a text node.

export const element = (tag, className, ...children) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
};

/** A button that does something here. */
export const pressable = (className, onPress, ...children) => {
  const made = element('button', className, ...children);
  made.type = 'button';
  made.onclick = onPress;
  return made;
};

/** The address when a browser may follow it without running anything; null for every other scheme and for what is no address. */
export const safeAddress = (text, schemes = ['http:', 'https:', 'mailto:']) => {
  if (typeof text !== 'string') return null;
  try {
    const { protocol, href } = new URL(text);
    return schemes.includes(protocol) ? href : null;
  } catch {
    return null;
  }
};

let homeAddress = null;
/** Whose Home links may lead to. */
export const setApp = (teamId, appId) => {
  homeAddress = `slack://app?${new URLSearchParams({ team: teamId, id: appId, tab: 'home' })}`;
};

/** An address of Slack's own, which its clients follow by themselves: that of the app's Home (docs.slack.dev/interactivity/deep-linking). */
export const isHome = (address) => typeof address === 'string' && address === homeAddress;

/** Goes to the app's Home. */
export const goHome = () => document.dispatchEvent(new CustomEvent('go-home'));

/** What is followed here, and is a link all the same. */
const homeLink = (className, label) => {
  const made = pressable(className, goHome, ...label);
  made.setAttribute('role', 'link');
  return made;
};

/** A link in a tab of its own, or only its label where the address may not be followed. */
export const linkTo = (address, className, ...label) => {
  if (isHome(address)) return homeLink(className, label);
  const href = safeAddress(address);
  if (href === null) return element('span', className, ...label);
  const made = element('a', className, ...label);
  made.href = href;
  made.rel = 'noreferrer noopener';
  made.target = '_blank';
  return made;
};

const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** The three characters that Slack escapes (docs.slack.dev, "Formatting message text"). */
export const unescaped = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => entities[entity]);

/** Long text is folded as Slack folds it; `opened` remembers under `key` what the reader has unfolded. */
export const folded = (node, size, key, opened) => {
  if (size <= 700 || opened.has(key)) return [node];
  node.classList.add('folded');
  const more = pressable('more', () => {
    opened.add(key);
    node.classList.remove('folded');
    more.remove();
  }, 'Show more');
  return [node, more];
};
