import type { JSX } from 'react';
import { useSetup } from '../../api/system.ts';
import { visibleLine } from '../../parts/visible-text.ts';

/** The file of a trigger, in the folder that the server reads. */
export function FilePath({ file }: { file: string }): JSX.Element {
  const setup = useSetup();
  const folder = setup?.config.find(({ name }) => name === 'TRIGGERS_DIR')?.value ?? 'TRIGGERS_DIR';
  return <code>{visibleLine(`${folder.replace(/\/$/, '')}/${file}`)}</code>;
}
