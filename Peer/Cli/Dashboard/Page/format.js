// Numbers as people read them.
const none = "–";

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

const grouped = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

export const count = (value) => (isNumber(value) ? grouped(String(Math.round(value))) : none);

/** A number with so many significant digits, without an exponent where people need none. */
export const significant = (value, digits = 3) => {
  if (!isNumber(value))
    return none;
  if (value === 0)
    return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  return size < -3 || size > 6 ? scientific(value.toExponential(digits - 1))
    : value.toFixed(Math.max(0, digits - 1 - size));
};

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const scientific = (text) => {
  const [factor, power] = text.split("e");
  return `${factor}×10${power[0] === "-" ? "⁻" : ""}${[...power.slice(1)].map((d) => superscripts[d]).join("")}`;
};

/** A label of an axis: only the digits that tell it from the others. */
export const label = (value) => (value === 0 ? "0" : Math.abs(value) < 0.001 ? scientific(value.toExponential(2)
  .replace(/\.?0+e/, "e")) : String(Number(value.toPrecision(6))));

export const fixed = (digits) => (value) => (isNumber(value) ? value.toFixed(digits) : none);

export const percent = (value, digits = 1) => (isNumber(value) ? `${(value * 100).toFixed(digits)} %` : none);

const scaled = (value, factor, units, digits) => {
  let size = Math.abs(value);
  let unit = 0;
  while (size >= factor * 0.9995 && unit < units.length - 1) {
    size /= factor;
    unit++;
  }
  return `${unit === 0 && Number.isInteger(size) ? size : digits(size)} ${units[unit]}`;
};

const byteUnits = ["B", "kB", "MB", "GB", "TB"];

export const bytes = (value) => (isNumber(value) ? scaled(value, 1000, byteUnits, significant) : none);

export const bytesLabel = (value) => scaled(value, 1000, byteUnits, label);

/** Seconds, in the unit that fits. */
export const seconds = (value) => {
  if (!isNumber(value))
    return none;
  if (value === 0)
    return "0 ms";
  if (value < 0.001)
    return `${significant(value * 1e6)} µs`;
  if (value < 1)
    return `${significant(value * 1000)} ms`;
  return value < 100 ? `${significant(value)} s` : duration(value);
};

export const secondsLabel = (value) => (value === 0 ? "0" : value < 1 ? `${label(value * 1000)} ms` : `${label(value)} s`);

/** A length of time of a minute or more, roughly. */
export const duration = (value) => {
  if (!isNumber(value))
    return none;
  if (value < 100)
    return `${Math.ceil(value)} s`;
  if (value < 6000)
    return `${Math.round(value / 60)} min`;
  return value < 172800 ? `${(value / 3600).toFixed(1)} h` : `${Math.round(value / 86400)} d`;
};

export const digest = (value) => (value ? value.slice(0, 12) : none);

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "2-digit", day: "2-digit" });

/** The time of day; with the date when that is not today's. */
export const time = (iso) => {
  if (!iso)
    return "";
  const at = new Date(iso);
  return day.format(at) === day.format(new Date()) ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
};
