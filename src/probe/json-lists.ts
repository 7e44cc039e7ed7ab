/** Finds the lists of objects in JSON, and tells what speaks for each of them being one of posts. */

export interface ObjectList {
  /** As a route would write it: `$.data[*]`. */
  readonly path: string;
  readonly items: readonly JsonObject[];
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Members that hold what people write, on the platforms whose shapes are known. */
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
/** Members of accounts, which have descriptions too. */
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
/** How deep below an item its text may stand: `post.record.text`. */
const TEXT_DEPTH = 3;
const MAX_DEPTH = 12;

const ID_MEMBERS = ['id', 'ID', 'uri', 'id_str', '_id', 'pk', 'guid', 'uuid', 'url', 'permalink', 'name'];
export const KIND_MEMBERS = ['type', 'kind', '$type', 'object_type', '@type', '__typename', 'type_'];

/** All lists with at least one object, outermost first; lists at one place of several items are one. */
export function listsIn(root: unknown): readonly ObjectList[] {
  const lists = new Map<string, JsonObject[]>();
  collect(root, '$', 0, lists);
  return [...lists].map(([path, items]) => ({ path, items }));
}

function collect(value: unknown, path: string, depth: number, lists: Map<string, JsonObject[]>): void {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) {
    for (const [name, member] of Object.entries(value)) collect(member, below(path, name), depth + 1, lists);
    return;
  }
  const objects = value.filter(isObject);
  const itemPath = `${path}[*]`;
  if (objects.length > 0) lists.set(itemPath, [...(lists.get(itemPath) ?? []), ...objects]);
  for (const object of objects) collect(object, itemPath, depth + 1, lists);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function below(path: string, name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
}

/** Of the items, the share that holds text as posts do; 0 to 1. */
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

/** The member, up to two names deep, whose scalar is there in every item and never twice. */
export function idMemberOf(items: readonly JsonObject[]): string | undefined {
  const inside = Object.keys(items[0] ?? {}).filter((name) => isObject(items[0]![name]));
  const candidates = [...ID_MEMBERS, ...inside.flatMap((name) => ID_MEMBERS.map((id) => `${name}.${id}`))];
  return candidates.find((candidate) => {
    const values = items.map((item) => memberAt(item, candidate));
    const scalars = values.filter((value) => typeof value === 'string' || typeof value === 'number');
    return scalars.length === items.length && new Set(scalars).size === items.length;
  });
}

export function memberAt(item: JsonObject, member: string): unknown {
  return member
    .split('.')
    .reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), item);
}

/** How often each value of a member that names kinds stands; null where the items have no such member, or one kind. */
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
