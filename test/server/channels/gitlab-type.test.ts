import { describe, expect, test } from 'vitest';
import { gitlab } from '../../../server/channels/gitlab.ts';
import { clock, tokenScheme, withToken } from './gitlab-request.ts';

describe('the type and the id of a gitlab event', () => {
  test.each([
    ['object_kind', '{"object_kind":"build","event_name":"x"}', 'Job Hook', 'build'],
    ['event_name without it', '{"event_name":"project_create"}', 'System Hook', 'project_create'],
    ['the header without both', '{}', 'Confidential Note Hook', 'confidential_note'],
    ['a header of one word', '{}', 'Deployment', 'deployment'],
  ])('is %s', (...[, content, header, type]) => {
    const sent = withToken({ 'X-Gitlab-Event': header }, Buffer.from(content));
    expect(gitlab.receive(sent, tokenScheme, clock)).toMatchObject({ type });
  });

  test.each([
    ['nothing', '{}', ''],
    ['an object_kind that is no text, whatever follows', '{"object_kind":1}', 'Push Hook'],
    ['an empty object_kind', '{"object_kind":"","event_name":"x"}', 'Push Hook'],
    ['an object_kind of null', '{"object_kind":null}', 'Push Hook'],
    ['an object_kind with a blank', '{"object_kind":"a b"}', 'Push Hook'],
    ['a header with a comma', '{}', 'Push, Hook'],
  ])('is missing with %s', (_, content, header) => {
    const sent = withToken({ 'X-Gitlab-Event': header }, Buffer.from(content));
    expect(gitlab.receive(sent, tokenScheme, clock)).toMatchObject({
      reason: 'event_type_missing',
    });
  });

  test.each([
    ['the key', { 'X-Gitlab-Webhook-UUID': 'u-1' }, 'd-1'],
    ['the UUID without it', { 'Idempotency-Key': '', 'X-Gitlab-Webhook-UUID': 'u-1' }, 'u-1'],
    ['none with what several share', { 'Idempotency-Key': '', 'X-Gitlab-Event-UUID': 'e-1' }, null],
  ])('has the id of %s', (_, changed, dedupeId) => {
    expect(gitlab.receive(withToken(changed), tokenScheme, clock)).toMatchObject({ dedupeId });
  });
});
