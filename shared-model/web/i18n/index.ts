export * as m from "./compiled/messages/_index.js";
export { language, languages } from "./language.svelte";
export { finding } from "./finding";
export { valueText } from "./value";
export { hasWord, word, type Prefix } from "./word";
export { ago, agoNow, span } from "./ago";
export { age, birth, count, date, dateTime, day, isoDay, parseDay, size, time } from "./when";
