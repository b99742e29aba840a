const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Monday is 1 (ISO 8601). A beginning of three letters or more does: "thu", "thurs"; null: it is no day of the week. */
export const weekdayIn = (word: string): number | null => {
  const found = word.length < 3 ? -1 : weekdays.findIndex((day) => day.startsWith(word.toLowerCase()));
  return found < 0 ? null : found + 1;
};

/** "Monday" */
export const weekdayName = (weekday: number): string => {
  const day = weekdays[weekday - 1] ?? weekdays[0];
  return `${day.slice(0, 1).toUpperCase()}${day.slice(1)}`;
};

const timePattern = /^(\d{1,2})(?:[:.](\d{2}))?(am|pm)?$/i;

/** Minutes since midnight of "9:00", "09:00", "21.30", "9", "9am", "9:30pm"; null: it is no time of a day. */
export const minuteOfDayIn = (word: string): number | null => {
  const match = timePattern.exec(word);
  if (match === null) return null;
  const [, hours, minutes = '0', half] = match;
  const [hour, minute] = [Number(hours), Number(minutes)];
  const isHour = half === undefined ? hour <= 23 : hour >= 1 && hour <= 12;
  if (!isHour || minute > 59) return null;
  return (half === undefined ? hour : (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)) * 60 + minute;
};

/** "09:00" */
export const clockOf = (minuteOfDay: number): string =>
  [Math.floor(minuteOfDay / 60), minuteOfDay % 60].map((part) => String(part).padStart(2, '0')).join(':');

/** Where nothing is said: at nine, on Monday. */
export const usualMinuteOfDay = 540;
export const usualWeekday = 1;

/** Before four in the morning clocks change, and nobody reads. */
export const isAtNight = (minuteOfDay: number): boolean => minuteOfDay < 240;
