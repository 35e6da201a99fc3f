import type { Step } from './steps.ts';

const signing: readonly Step[] = [
  { text: '**X-Webhook-Timestamp**: the Unix time in seconds, made anew for each request.' },
  {
    text: '**X-Webhook-Signature**: v1= and the hex HMAC-SHA256 of timestamp, a dot and the body. The key is the secret as text. As in a shell:',
    copy: ({ url }) =>
      [
        `BODY='{"order": 1}'; T=$(date +%s)`,
        `SIGNATURE=$(printf '%s' "$T.$BODY" | openssl dgst -sha256 -hmac "$SECRET" -r | cut -d' ' -f1)`,
        `curl -i '${url}' -H 'Content-Type: application/json' \\`,
        `  -H "X-Webhook-Timestamp: $T" -H "X-Webhook-Signature: v1=$SIGNATURE" --data-binary "$BODY"`,
      ].join('\n'),
  },
];

/** For senders of one's own. */
export const platformSteps: readonly Step[] = [
  { text: 'Let your service POST to this address:', copy: ({ url }) => url },
  ...signing,
  { text: '**X-Webhook-Event**: the type of the event. Without it the type is “received”.' },
  {
    text: '**X-Webhook-Id**: an id of your own. A second request with it within 72 hours starts nothing.',
  },
];

/** For a relay that stands before us and signs what the provider sent. */
export const relaySteps: readonly Step[] = [
  { text: 'At the provider, give the address of your relay.' },
  {
    text: 'Let the relay check what came, and send body and headers on to this address:',
    copy: ({ url }) => url,
  },
  ...signing,
];
