import { Alert, Button, Text } from '@mantine/core';
import type { JSX } from 'react';
import { Icon } from '../../parts/icon.tsx';
import { FilePath } from '../trigger/file-path.tsx';

/** Where a text is kept that cannot be saved here, and what can be done with it nevertheless. */
export function InFile(props: { file: string; isTrying: boolean; onTry: () => void }): JSX.Element {
  const { file, isTrying, onTry } = props;
  return (
    <Alert color="blue" icon={<Icon name="info" />} title="It comes from a file">
      <Text size="sm">
        The file is <FilePath file={file} />, on the server: it is changed there, and nothing is
        saved here. A change of its text can be written here, run dry and tested back; copy it into
        the file then.
      </Text>
      {!isTrying && (
        <Button mt="xs" size="xs" variant="default" onClick={onTry}>
          Try a change
        </Button>
      )}
    </Alert>
  );
}
