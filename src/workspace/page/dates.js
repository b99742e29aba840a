// Moments as Slack writes them (docs.slack.dev, "Formatting message text", "Date formatting"), in the reader's own zone.

const dateOf = (seconds) => new Date(seconds * 1000);
const english = (options) => (seconds) => dateOf(seconds).toLocaleDateString('en', options);
const clock = (options) => (seconds) => dateOf(seconds).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', ...options });
const dayNumber = (moment) => Math.round(new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()) / 86_400_000);

export const time = clock({});
export const timeWithSeconds = clock({ second: '2-digit' });
const long = english({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' });

const relative = (seconds, otherwise) => {
  const days = dayNumber(dateOf(seconds)) - dayNumber(new Date());
  return { '-1': 'Yesterday', 0: 'Today', 1: 'Tomorrow' }[days] ?? otherwise(seconds);
};

/** "Today", "Yesterday" or the date: the line between two days. */
export const day = (seconds) => relative(seconds, long);

/** "2 minutes ago" */
export const ago = (seconds) => {
  const minutes = Math.round((Date.now() / 1000 - seconds) / 60);
  const past = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  if (Math.abs(minutes) < 1) return 'just now';
  if (Math.abs(minutes) < 60) return past.format(-minutes, 'minute');
  return Math.abs(minutes) < 1440 ? past.format(-Math.round(minutes / 60), 'hour') : past.format(-Math.round(minutes / 1440), 'day');
};

const date = english({ month: 'long', day: 'numeric', year: 'numeric' });
const short = english({ month: 'short', day: 'numeric', year: 'numeric' });
const tokens = {
  date_num: (seconds) => dateOf(seconds).toLocaleDateString('sv'),
  date_slash: english({ month: '2-digit', day: '2-digit', year: 'numeric' }),
  date,
  date_short: short,
  date_long: long,
  date_pretty: (seconds) => relative(seconds, date),
  date_short_pretty: (seconds) => relative(seconds, short),
  date_long_pretty: (seconds) => relative(seconds, long),
  day_divider_pretty: day,
  time,
  time_secs: timeWithSeconds,
  ago,
};

/** A date by its format string; the fallback where a browser has no such moment. */
export const formatted = (seconds, format, fallback) =>
  Number.isNaN(dateOf(seconds).getTime())
    ? fallback
    : format.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(tokens, name) ? tokens[name](seconds) : whole));
