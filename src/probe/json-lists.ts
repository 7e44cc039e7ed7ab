/** Finds the lists of objects in JSON and rates how much each looks like a list of posts. */

export interface ObjectList {
  /** The path as a route writes it: `$.data[*]`. */
  readonly path: string;
  readonly items: readonly JsonObject[];
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Members that hold user-written text on the platforms whose formats are known. */
const TEXT_MEMBERS = new Set([
  'text',
  'content',
  'body',
  'caption',
  'description',
  'selftext',
  'message',
  'cooked',
  'raw',
  'html',
  'content_html',
  'content_text',
  'summary',
  'title',
  'headline',
  'articleBody',
  'record',
]);
/** Members of accounts, which also have descriptions. */
const ACCOUNT_MEMBERS = [
  'username',
  'screen_name',
  'handle',
  'avatar',
  'avatar_url',
  'avatar_urls',
  'followers_count',
  'followersCount',
];
/** Maximum depth of an item's text: `post.record.text`. */
const TEXT_DEPTH = 3;
const MAX_DEPTH = 12;

const ID_MEMBERS = ['id', 'ID', 'uri', 'id_str', '_id', 'pk', 'guid', 'uuid', 'url', 'permalink', 'name'];
export const KIND_MEMBERS = ['type', 'kind', '$type', 'object_type', '@type', '__typename', 'type_'];

/**
 * All lists and maps with at least one object, outermost first. Lists at the same place of several items, or of several
 * texts, are merged.
 */
export function listsIn(texts: readonly unknown[]): ObjectList[] {
  const lists = new Map<string, JsonObject[]>();
  for (const text of texts) collect(text, '$', 0, lists);
  return [...lists].map(([path, items]) => ({ path, items }));
}

function collect(value: unknown, path: string, depth: number, lists: Map<string, JsonObject[]>): void {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) {
    if (isMap(value as JsonObject)) {
      collect(Object.values(value), path, depth, lists);
      return;
    }
    for (const [name, member] of Object.entries(value)) collect(member, below(path, name), depth + 1, lists);
    return;
  }
  const objects = value.filter(isObject);
  const itemPath = `${path}[*]`;
  if (objects.length > 0) lists.set(itemPath, [...(lists.get(itemPath) ?? []), ...objects]);
  for (const object of objects) collect(object, itemPath, depth + 1, lists);
}

/** Keys that are ids: numbers or long hexadecimal numbers, optionally with a word before them. */
const ID_KEY = /^(?:[a-z]+[-_])?(?:\d+|[0-9a-f-]{16,})$/i;
/** Share of members that the objects of a map must have in common if the keys are not ids. */
const ALIKE_SHARE = 0.7;
const MIN_ALIKE = 3;

/** Whether an object is a map of similar objects: its names are keys, which differ between responses. */
function isMap(object: JsonObject): boolean {
  const values = Object.values(object);
  if (values.length === 0 || !values.every(isObject)) return false;
  if (Object.keys(object).every((key) => ID_KEY.test(key))) return true;
  if (values.length < MIN_ALIKE) return false;
  const names = values.map((value) => Object.keys(value as JsonObject));
  const all = new Set(names.flat());
  const shared = [...all].filter((name) => names.every((one) => one.includes(name)));
  return shared.length > 1 && shared.length >= ALIKE_SHARE * all.size;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function below(path: string, name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

/** Lists that belong to a page or a post. They contain text but are seldom posts. */
const BESIDE_POSTS =
  /(?:^|[.\]"])(?:_?header|meta|meta_?tags?|tags?|links?|categor(?:y|ies)|menus?|nav|breadcrumbs?|authors?|users?)(?:$|[.[])/i;
/** The minimum of members and text characters that a post usually has. */
const MEMBERS_OF_A_POST = 4;
const TEXT_OF_A_POST = 60;

/** How much the items resemble posts by their members and the length of their text; 0 to 1. */
export function likeness({ path, items }: ObjectList): number {
  const members = Math.max(...items.map((item) => Object.keys(item).length));
  const longest = Math.max(...items.map((item) => JSON.stringify(item).length));
  const size = Math.min(1, members / MEMBERS_OF_A_POST) * Math.min(1, longest / TEXT_OF_A_POST);
  return (BESIDE_POSTS.test(path) ? 0.1 : 1) * size;
}

/** The share of items that contain text as posts do; 0 to 1. */
export function textShare(items: readonly JsonObject[]): number {
  return items.filter((item) => !isAccount(item) && holdsText(item, 0)).length / items.length;
}

function isAccount(item: JsonObject): boolean {
  return ACCOUNT_MEMBERS.some((name) => Object.hasOwn(item, name));
}

function holdsText(item: JsonObject, depth: number): boolean {
  return Object.entries(item).some(([name, value]) => {
    if (TEXT_MEMBERS.has(name) && (typeof value === 'string' || isObject(value))) return true;
    return depth < TEXT_DEPTH && isObject(value) && holdsText(value, depth + 1);
  });
}

/**
 * The member, up to two names deep, whose scalar is unique and present in every item. Common id names take
 * precedence. With a single item only a common id name qualifies.
 */
export function idMemberOf(items: readonly JsonObject[]): string | undefined {
  const inside = Object.keys(items[0] ?? {}).filter((name) => isObject(items[0]![name]));
  const usual = [...ID_MEMBERS, ...inside.flatMap((name) => ID_MEMBERS.map((id) => `${name}.${id}`))];
  const others =
    items.length > 1 ? Object.keys(items[0] ?? {}).filter((name) => !TEXT_MEMBERS.has(name)) : [];
  const candidates = [...usual, ...others.filter((name) => PLAIN_NAME.test(name)).sort(byLooks)];
  return candidates.find((candidate) => {
    const values = items.map((item) => memberAt(item, candidate));
    const scalars = values.filter(isId);
    return scalars.length === items.length && new Set(scalars).size === items.length;
  });
}

/** A name that needs no brackets when written as a member. */
const PLAIN_NAME = /^[^.[\]"'*\s]+$/;
const LOOKS_LIKE_ID = /(?:id|uri|url|slug|key|hash|link|number|no)$/i;
const MAX_ID_LENGTH = 512;
const DATE = /^\d{4}-\d\d-\d\d(?:[T ]|$)/;

function byLooks(a: string, b: string): number {
  return Number(LOOKS_LIKE_ID.test(b)) - Number(LOOKS_LIKE_ID.test(a));
}

/** Dates and measures of posts may also be unique, but they are not ids. */
function isId(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID_LENGTH && !DATE.test(value);
}

export function memberAt(item: JsonObject, member: string): unknown {
  return member
    .split('.')
    .reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), item);
}

/**
 * The number of items for each value of a member that names kinds; null if the items have no such member, or only one
 * kind.
 */
export function kindsOf(
  items: readonly JsonObject[],
): { readonly member: string; readonly values: ReadonlyMap<string, number> } | null {
  for (const member of KIND_MEMBERS) {
    const values = new Map<string, number>();
    for (const item of items) {
      const value = item[member];
      if (typeof value === 'string') values.set(value, (values.get(value) ?? 0) + 1);
    }
    if (values.size > 1 && values.size < items.length) return { member, values };
  }
  return null;
}
