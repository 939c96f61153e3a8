// Where an axis has its lines, at numbers that people count by.
const steps = [1, 2, 2.5, 5, 10];

/** Round numbers from low to high, about so many. */
export const linearTicks = (low, high, about) => {
  if (!(high > low))
    return [low];
  const rough = (high - low) / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = steps.find((s) => s * power >= rough * 0.999) * power;
  const ticks = [];
  for (let tick = Math.ceil(low / step - 1e-9); tick * step <= high + step * 1e-9; tick++)
    ticks.push(Number((tick * step).toPrecision(12)));
  return ticks;
};

/** The same in whole numbers. */
export const wholeTicks = (low, high, about) => {
  for (let more = 0; more < 4; more++) {
    const ticks = linearTicks(low, high, about + more).filter(Number.isInteger);
    if (ticks.length > 1)
      return ticks;
  }
  return [...new Set([Math.round(low), Math.round(high)])];
};

/** Powers of ten from low to high, and their doubles and fives where those are few. */
export const logTicks = (low, high) => {
  const ticks = [];
  const decades = Math.log10(high / low);
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const factor of decades > 3 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5]) {
      const tick = factor * 10 ** power;
      if (tick >= low * 0.999 && tick <= high * 1.001)
        ticks.push(tick);
    }
  return ticks;
};

/** The bounds widened to round numbers. */
export const niceBounds = (low, high, about) => {
  if (!(high > low)) {
    const margin = Math.abs(low) * 0.1 || 1;
    return niceBounds(low === 0 ? 0 : low - margin, high + margin, about);
  }
  const ticks = linearTicks(low, high, about);
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : high - low;
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
};
