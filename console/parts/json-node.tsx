import { useState } from 'react';
import type { JSX } from 'react';
import classes from './json-viewer.module.css';
import { visibleText } from './visible-text.ts';

/** Levels that can be opened. Nobody reads deeper, and indentation has an end. */
const depthMax = 64;

/** Members shown at once. */
const membersStep = 100;

/** Levels that are open at first, where they have few members. */
const openDepth = 3;

interface NodeProps {
  /** Its key; undefined at the root. */
  readonly name?: string;
  readonly value: unknown;
  readonly depth: number;
}

/** One value and what is in it; for `JsonViewer`. */
export function JsonNode({ name, value, depth }: NodeProps): JSX.Element {
  if (typeof value !== 'object' || value === null) {
    return (
      <div className={classes.leaf}>
        <Name name={name} />
        <Leaf value={value} />
      </div>
    );
  }
  if (depth >= depthMax) {
    return (
      <div className={classes.leaf}>
        <Name name={name} />
        <span className={classes.size}>more than {depthMax} levels deep: copy it to see it</span>
      </div>
    );
  }
  return <Branch value={value} depth={depth} {...(name === undefined ? {} : { name })} />;
}

function Branch({ name, value, depth }: NodeProps & { value: object }): JSX.Element {
  const isArray = Array.isArray(value);
  const keys = Object.keys(value);
  const [isOpen, setOpen] = useState(depth < openDepth && keys.length <= membersStep);
  const size = `${keys.length} ${isArray ? 'item' : 'field'}${keys.length === 1 ? '' : 's'}`;
  return (
    <div>
      <button
        type="button"
        className={classes.toggle}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <span className={classes.sign} aria-hidden="true">
          {isOpen ? '▾' : '▸'}
        </span>
        <Name name={name} />
        {isArray ? '[…] ' : '{…} '}
        <span className={classes.size}>{size}</span>
      </button>
      {isOpen && <Members value={value} keys={keys} depth={depth} />}
    </div>
  );
}

function Members(props: { value: object; keys: readonly string[]; depth: number }): JSX.Element {
  const { value, keys, depth } = props;
  const [count, setCount] = useState(membersStep);
  return (
    <div className={classes.children}>
      {keys.slice(0, count).map((key) => (
        <JsonNode
          key={key}
          name={key}
          value={Object.getOwnPropertyDescriptor(value, key)?.value}
          depth={depth + 1}
        />
      ))}
      {keys.length > count && (
        <button
          type="button"
          className={`${classes.toggle} ${classes.size}`}
          onClick={() => setCount(count + membersStep)}
        >
          … show {Math.min(membersStep, keys.length - count)} more of {keys.length}
        </button>
      )}
    </div>
  );
}

function Name({ name }: { name: string | undefined }): JSX.Element | null {
  if (name === undefined) return null;
  return (
    <>
      <span className={classes.name}>{visibleText(name)}</span>
      {': '}
    </>
  );
}

/** A long text in a tree is shown to here; copying takes all of it. In characters. */
const leafMax = 20_000;

function Leaf({ value }: { value: unknown }): JSX.Element {
  if (typeof value !== 'string') return <span className={classes.other}>{String(value)}</span>;
  const rest = value.length - leafMax;
  return (
    <span className={classes.string}>
      {`"${visibleText(value.slice(0, leafMax))}"`}
      {rest > 0 && <span className={classes.size}> … {rest} characters more</span>}
    </span>
  );
}
