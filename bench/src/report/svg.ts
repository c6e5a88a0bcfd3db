/** An SVG element, or text. */
export type Markup = string | Element;

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly Markup[];
}

export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly Markup[],
): Element {
  return { name, attributes, children };
}

/** A line of text, its base line at `y`. */
export function text(
  x: number,
  y: number,
  className: string,
  content: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
): Element {
  return element('text', { x, y, class: className, 'text-anchor': anchor }, [content]);
}

/** The markup as XML. */
export function render(markup: Markup): string {
  if (typeof markup === 'string') return escaped(markup);
  const { name, attributes, children } = markup;
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('');
  if (children.length === 0) return `<${name}${written}/>\n`;
  return `<${name}${written}>${children.map(render).join('')}</${name}>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
