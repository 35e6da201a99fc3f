#!/usr/bin/env node
// The command `durahook`: the TypeScript entry beside this file, read by tsx.
import { register } from 'tsx/esm/api';

register();
await import('./cli.ts');
