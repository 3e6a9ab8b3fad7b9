import type { Run } from '@/api/types'
import { cpuText, durationText, memoryText, shortDigest } from '@/lib/format'
import { CopyButton } from './copy_button'
import { Fact, Facts, Panel, PanelHead } from './panel'
import { LabelsFact, LimitFacts } from './shared_facts'
import { Ago } from './time'

/** Every field of a run. */
export function RunFacts({ run }: { run: Run }) {
  return (
    <Panel label="Run">
      <PanelHead title="Run" />
      <Facts>
        <Fact name="Description">{run.description}</Fact>
        <Fact name="Owner">{run.user}</Fact>
        <Fact name="Run by">{run.executed_by !== run.user && run.executed_by}</Fact>
        <Fact name="Cluster">
          {run.cluster} <span className="text-faint">({run.engine})</span>
        </Fact>
        <Fact name="Host">{run.instance.dns_name || run.instance.instance_id ? <span className="mono">{run.instance.dns_name || run.instance.instance_id}</span> : undefined}</Fact>
        <Fact name="Group">{run.group_name}</Fact>
        <Fact name="Image">
          <span className="mono">{run.image}</span>
          {run.image_digest && (
            <span className="mono flex items-center text-faint" title={run.image_digest}>
              {shortDigest(run.image_digest)}
              <CopyButton text={run.image_digest} label="Copy the digest" />
            </span>
          )}
        </Fact>
        <Fact name="Memory">
          {memoryText(run.memory)} asked{run.max_memory_used !== undefined && `, ${memoryText(run.max_memory_used)} peak`}
        </Fact>
        <Fact name="CPU">
          {run.cpu === undefined ? 'no limit' : `${cpuText(run.cpu)} asked`}
          {run.max_cpu_used !== undefined && `, ${cpuText(run.max_cpu_used)} at most`}
          {run.cpu_seconds !== undefined && <span className="text-faint"> ({durationText(run.cpu_seconds * 1000)} of processor time)</span>}
        </Fact>
        <Fact name="GPUs">{run.gpu}</Fact>
        <LimitFacts of={run} />
        <Fact name="Exit code">{run.exit_code !== undefined && <span>{run.exit_code}</span>}</Fact>
        <Fact name="Class">{run.exit_class?.replaceAll('_', ' ')}</Fact>
        <Fact name="Reason">{run.exit_reason}</Fact>
        <Fact name="Queued">
          <Ago time={run.queued_at} />
        </Fact>
        <Fact name="Started">{run.started_at && <Ago time={run.started_at} />}</Fact>
        <Fact name="Finished">{run.finished_at && <Ago time={run.finished_at} />}</Fact>
        <Fact name="Stopped by">{run.stopped_by}</Fact>
        <Fact name="Key">{run.idempotence_key && <span className="mono">{run.idempotence_key}</span>}</Fact>
        <Fact name="Engine’s name">{run.task_arn && <span className="mono">{run.task_arn}</span>}</Fact>
        <LabelsFact of={run} />
      </Facts>
      <details className="border-t border-line">
        <summary className="cursor-pointer px-4 py-2.5 text-[12px] font-semibold text-soft hover:text-ink">Command</summary>
        <pre tabIndex={0} aria-label="Command" className="mono overflow-x-auto px-4 pb-3.5 leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">
          {run.command}
        </pre>
      </details>
    </Panel>
  )
}
