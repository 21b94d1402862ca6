// Whether a guided tour through the code still describes the code: every file that it links to is there, and declares
// the names that follow the link. It knows Markdown only as far as links and code spans go, and reads nothing itself.

/** What a tour refers to: a file with the names it should declare, and the events it speaks of. */
export interface TourReferences {
  readonly files: readonly { readonly path: string; readonly names: readonly string[] }[];
  readonly events: readonly string[];
}

const token = /\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)|`([^`]+)`|\n\s*\n|\n\d+\. /g;
const name = /^[A-Za-z_$][\w$]*$/;
const eventName = /^Pod[A-Z]\w*[a-z]ed$|^PodBecame\w+$|^PodLost$/;

/**
 * Takes a tour apart. The names that stand after a link, in the same step or paragraph, belong to its file; code spans
 * before any link are prose, unless they look like an event.
 */
export function tourReferences(markdown: string): TourReferences {
  const files: { path: string; names: string[] }[] = [];
  const events: string[] = [];
  let current: { path: string; names: string[] } | undefined;
  for (const [, link, code] of withoutFences(markdown).matchAll(token)) {
    if (link !== undefined) {
      current = { path: link, names: [] };
      if (!/^[a-z]+:/.test(link)) files.push(current);
    } else if (code === undefined) {
      current = undefined;
    } else if (eventName.test(code)) {
      events.push(code);
    } else if (name.test(code)) {
      current?.names.push(code);
    }
  }
  return { files, events };
}

/**
 * Everything that a tour says and the code does not.
 * @param read the text of a file by the path in its link, or undefined when there is none.
 */
export function tourFaults(
  markdown: string,
  read: (path: string) => string | undefined,
  knownEvents: readonly string[],
): readonly string[] {
  const { files, events } = tourReferences(markdown);
  return [
    ...files.flatMap(({ path, names }) => {
      const text = read(path);
      if (text === undefined) return [`${path} is not there`];
      return names.filter((one) => !declares(text, one)).map((one) => `${path} declares no ${one}`);
    }),
    ...events.filter((event) => !knownEvents.includes(event)).map((event) => `there is no event ${event}`),
  ];
}

function declares(source: string, symbol: string): boolean {
  return new RegExp(`\\b(?:function|const|class|interface|type) ${symbol.replaceAll('$', '\\$')}\\b`).test(source);
}

function withoutFences(markdown: string): string {
  return markdown.replaceAll(/^```[^\n]*\n[\s\S]*?^```$/gm, '');
}
