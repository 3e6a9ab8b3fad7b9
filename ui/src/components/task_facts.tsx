import type { Definition } from '@/api/types'
import { cpuText, memoryText } from '@/lib/format'
import { CopyButton } from './copy_button'
import { Fact, Facts, Panel, PanelHead } from './panel'
import { LabelsFact, LimitFacts } from './shared_facts'
import { Ago } from './time'

/** Every field of a definition. */
export function TaskFacts({ task }: { task: Definition }) {
  return (
    <Panel label="Definition">
      <PanelHead title="Definition" />
      <Facts>
        <Fact name="Image">
          <span className="mono">{task.image}</span>
        </Fact>
        <Fact name="Memory">{memoryText(task.memory)}</Fact>
        <Fact name="CPU">{task.cpu === undefined ? 'no limit' : cpuText(task.cpu)}</Fact>
        <Fact name="GPUs">{task.gpu}</Fact>
        <Fact name="Group">{task.group_name}</Fact>
        <Fact name="User">{task.user && <span className="mono">{task.user}</span>}</Fact>
        <Fact name="Ports">{task.ports?.join(', ')}</Fact>
        <LimitFacts of={task} />
        <LabelsFact of={task} />
        <Fact name="Created">
          {task.created_at && (
            <>
              <Ago time={task.created_at} />
              {task.created_by && ` by ${task.created_by}`}
            </>
          )}
        </Fact>
        <Fact name="Changed">
          {task.updated_at && (
            <>
              <Ago time={task.updated_at} />
              {task.updated_by && ` by ${task.updated_by}`}
            </>
          )}
        </Fact>
        <Fact name="Engine’s name">{task.arn && <span className="mono">{task.arn}</span>}</Fact>
        <Fact name="Id">
          <span className="mono flex items-start text-faint">
            <span className="min-w-0">{task.definition_id}</span>
            <CopyButton text={task.definition_id} label="Copy the id of the task" />
          </span>
        </Fact>
      </Facts>
      <div className="border-t border-line">
        <div className="flex items-center justify-between px-4 pt-2.5 text-[12px] font-semibold text-soft">
          Command <CopyButton text={task.command} label="Copy the command" />
        </div>
        <pre tabIndex={0} aria-label="Command" className="mono max-h-80 overflow-auto px-4 pb-3.5 leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">
          {task.command}
        </pre>
      </div>
    </Panel>
  )
}
