// Asks before something goes, and says what goes with it.
import { Dialog } from '../dialog.tsx'
import { SendForm } from '../form.tsx'
import { tell } from '../server.ts'
import { toast } from '../toasts.tsx'
import { write } from '../words/notifications.ts'
import { write as writeSettings } from '../words/settings.ts'

export interface RemoveDialogProps {
  title: string
  what: string
  path: string
  onClose(): void
  onRemoved(): void
}

export function RemoveDialog({ title, what, path, onClose, onRemoved }: RemoveDialogProps) {
  const send = async (): Promise<void> => {
    await tell('DELETE', path)
    toast(write('removed'))
    onClose()
    onRemoved()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <SendForm
        send={send}
        button={writeSettings('remove')}
        class="dialog-body stack"
        onCancel={onClose}
      >
        <p>{what}</p>
      </SendForm>
    </Dialog>
  )
}
