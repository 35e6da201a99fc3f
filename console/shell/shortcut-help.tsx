import { Modal, Table } from '@mantine/core';
import type { JSX } from 'react';
import { shortcuts } from './use-shortcuts.ts';

/** What the keys do. */
export function ShortcutHelp(props: { isOpen: boolean; onClose: () => void }): JSX.Element {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title="Keyboard shortcuts"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Table>
        <Table.Tbody>
          {shortcuts.map(({ keys, what }) => (
            <Table.Tr key={keys}>
              <Table.Th scope="row">
                <kbd>{keys}</kbd>
              </Table.Th>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
