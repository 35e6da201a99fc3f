/** Where the page of an id is, by the id's prefix. */
const homes: ReadonlyMap<string, string> = new Map([
  ['evt', '/events'],
  ['dlv', '/deliveries'],
  ['run', '/trigger-runs'],
  ['ep', '/integrations/webhooks/endpoints'],
  ['int', '/integrations/webhooks/channels'],
  ['rej', '/rejected-requests'],
  ['rpl', '/integrations/webhooks/replays'],
  ['trg', '/triggers'],
  ['ses', '/sessions'],
  ['imp', '/imports'],
]);

/**
 * The path of an id's page, as `/events/evt_…`. The id of a later cycle (`dlv_…-c2`) leads to what it is a cycle of.
 *
 * @returns `undefined` for what is no id, and for ids that have no page
 */
export function pathOfId(text: string): string | undefined {
  const [, id, prefix = ''] =
    /^(([a-z]{2,4})_[A-Za-z0-9_]{1,100})(?:-c\d+)?$/.exec(text.trim()) ?? [];
  const home = homes.get(prefix);
  return id === undefined || home === undefined ? undefined : `${home}/${id}`;
}
