// Elements, made and changed without markup in strings: ids and sentences come from other hosts.
const svgNamespace = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

const fill = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false)
      continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat())
    if (child !== null && child !== undefined && child !== "")
      element.append(child);
  return element;
};

export const make = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

export const draw = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(svgNamespace, name), attributes, children);

/** Sets a text only where it differs: what a person selects stays selected. */
export const setText = (element, text) => {
  if (element.textContent !== text)
    element.textContent = text;
};
