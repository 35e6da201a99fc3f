import { describe, expect, test } from 'vitest';
import { subscribes } from '../../src/domain/endpoint.ts';

describe('subscribes()', () => {
  test.each([
    ['the exact type', ['session.created'], 'session.created', true],
    ['another type', ['session.created'], 'session.finished', false],
    ['everything', ['*'], 'tool.error', true],
    ['a beginning', ['session.*'], 'session.created', true],
    ['a beginning, and not its own name', ['session.*'], 'session', false],
    ['a beginning, and not a longer word', ['session.*'], 'sessions.created', false],
    ['a beginning without its dot', ['session*'], 'session.created', false],
    ['one of several', ['tool.*', 'session.created'], 'session.created', true],
    ['nothing', [], 'session.created', false],
    ['the verbose type by its name', ['agent.step'], 'agent.step', true],
    ['the verbose type not by everything', ['*'], 'agent.step', false],
    ['the verbose type not by its beginning', ['agent.*'], 'agent.step', false],
    ['another type of that beginning', ['agent.*'], 'agent.done', true],
    ['an operational type by its name', ['endpoint.failing'], 'endpoint.failing', true],
    ['an operational type by its beginning', ['endpoint.*'], 'endpoint.failing', true],
    ['an operational type not by everything', ['*'], 'endpoint.failing', false],
    [
      'an operational type by its beginning beside everything',
      ['*', 'endpoint.*'],
      'endpoint.failing',
      true,
    ],
  ])('%s: %j and %s', (_, ...[wanted, type, isWanted]) => {
    expect(subscribes(wanted, type)).toBe(isWanted);
  });
});
