import type { Sender } from './sender.ts';

/** Scripts: a name and an id of their own, signed by the platform's scheme. */
export const generic: Sender = ({ name, contentType, body }, _, { deliveryId }) => ({
  method: 'POST',
  query: '',
  headers: {
    'Content-Type': contentType,
    'X-Webhook-Event': name,
    'X-Webhook-Id': deliveryId,
  },
  body,
});
