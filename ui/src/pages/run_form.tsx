import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useState } from 'react'
import { Controller, useForm } from 'react-hook-form'
import { z } from 'zod'
import { api, Refusal } from '@/api/client'
import { callerQuery, clustersQuery, definitionQuery, imagesQuery, runQuery } from '@/api/queries'
import type { Definition, Run } from '@/api/types'
import { CommandEditor } from '@/components/command_editor'
import { CopyButton } from '@/components/copy_button'
import { EnvEditor } from '@/components/env_editor'
import { FormEnd } from '@/components/form_end'
import { FormSection } from '@/components/form_section'
import { KeptFacts } from '@/components/kept_facts'
import { LeaveGuard } from '@/components/leave_guard'
import { PageHead } from '@/components/page_head'
import { Panel } from '@/components/panel'
import { Failure, Skeleton } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Field, Input, Select } from '@/components/ui/field'
import { serverUrl } from '@/lib/base_path'
import { curlCommand, executeBody, flotillaCommand, hasFlotillaCommand, keptOf, type Kept, type RunWish } from '@/lib/commands'
import { callersVariables, effectiveVariables, mergedVariables } from '@/lib/env'
import { cpuText, durationText, memoryText, shortId } from '@/lib/format'
import { placeMistakes, rowMessages } from '@/lib/mistakes'
import { coresSchema, fitsIndex, gpuSchema, memorySchema, secondsSchema, too_long, variablesSchema } from '@/lib/task_values'
import { useTitle } from '@/lib/use_title'

const route = getRouteApi('/tasks/$definition_id/run')

const schema = z.object({
  cluster: z.string(),
  owner: z.string().trim().min(1, 'Whose run is it? Runs that wait take turns by owner').refine(fitsIndex, too_long),
  env: variablesSchema,
  memory: memorySchema,
  cpu: coresSchema,
  gpu: gpuSchema,
  timeout_seconds: secondsSchema,
  command: z.string(),
})
type Values = z.infer<typeof schema>

export function RunFormPage() {
  const { definition_id } = route.useParams()
  const { from, memory } = route.useSearch()
  const task = useQuery(definitionQuery(definition_id))
  const earlier = useQuery({ ...runQuery(from ?? ''), enabled: from !== undefined, refetchInterval: false })
  const caller = useQuery(callerQuery)
  const clusters = useQuery(clustersQuery)
  const error = task.error ?? clusters.error ?? caller.error ?? (from ? earlier.error : null)
  if (task.data && clusters.data && caller.data && (from === undefined || earlier.data)) {
    return (
      <RunForm
        key={from ?? ''}
        task={task.data}
        earlier={from ? earlier.data : undefined}
        memory={memory}
        clusters={clusters.data.clusters}
        caller={caller.data.name}
        asks_token={caller.data.auth_mode === 'token'}
      />
    )
  }
  return error ? (
    <Panel>
      <Failure error={error} retry={() => void task.refetch()} />
    </Panel>
  ) : (
    <Skeleton rows={10} />
  )
}

interface Props {
  task: Definition
  earlier: Run | undefined
  memory: number | undefined
  clusters: string[]
  caller: string
  asks_token: boolean
}

const owner_key = 'flotilla.owner'

/** What the form begins with: the definition, or how an earlier run of it was. Overrides stay empty where nothing was overridden. */
function initialValues({ task, earlier, memory, caller }: Props): Values {
  const differs = <Value,>(was: Value, is: Value) => (earlier && was !== is ? was : undefined)
  const cpu = differs(earlier?.cpu, task.cpu)
  return {
    cluster: earlier?.cluster ?? '',
    owner: caller || (earlier?.user ?? localStorage.getItem(owner_key) ?? ''),
    env: mergedVariables(task.env, earlier ? callersVariables(earlier.env) : []),
    memory: String(memory ?? differs(earlier?.memory, task.memory) ?? ''),
    cpu: cpu === undefined ? '' : String(cpu / 1000),
    gpu: String(differs(earlier?.gpu, task.gpu) ?? ''),
    timeout_seconds: String(differs(earlier?.timeout_seconds, task.timeout_seconds) ?? ''),
    command: earlier?.command ?? task.command,
  }
}

function wishOf(values: Values, task: Definition, kept: Kept): RunWish {
  const number = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text))
  const cores = number(values.cpu)
  return {
    alias: task.alias,
    cluster: values.cluster || undefined,
    owner: values.owner.trim(),
    // What the definition sets to the same value need not be said.
    env: values.env.filter(({ name, value }) => name !== '' && task.env.findLast((each) => each.name === name)?.value !== value),
    memory: number(values.memory),
    cpu: cores === undefined ? undefined : Math.round(cores * 1000),
    gpu: number(values.gpu),
    command: values.command === task.command || values.command.trim() === '' ? undefined : values.command,
    timeout_seconds: number(values.timeout_seconds),
    kept,
  }
}

function RunForm(props: Props) {
  const { task, earlier, clusters, caller, asks_token } = props
  const { register, control, handleSubmit, setError, watch, formState } = useForm<Values>({
    resolver: zodResolver(schema),
    defaultValues: initialValues(props),
    mode: 'onChange',
  })
  const { errors, isSubmitting, isDirty } = formState
  const [others, setOthers] = useState<string[]>([])
  const [kept, setKept] = useState(() => (earlier ? keptOf(earlier, task) : {}))
  const [image_mistake, setImageMistake] = useState<string>()
  const [shows_command, setShowsCommand] = useState(earlier !== undefined && earlier.command !== task.command)
  const navigate = useNavigate()
  const queries = useQueryClient()
  useTitle(`Run ${task.alias}`)

  const start = useMutation({
    mutationFn: (values: Values) =>
      api.answer(
        api.client.PUT('/api/v4/task/{definition_id}/execute', {
          params: { path: { definition_id: task.definition_id } },
          body: executeBody(wishOf(values, task, kept)),
        }),
      ),
    onSuccess: async (run, values) => {
      if (!caller) localStorage.setItem(owner_key, values.owner.trim())
      queries.setQueryData(runQuery(run.run_id).queryKey, run)
      await navigate({ to: '/runs/$run_id', params: { run_id: run.run_id }, ignoreBlocker: true })
    },
    onError: (error) => {
      const { fields, others: left } = placeMistakes(error.message, error instanceof Refusal ? [...Object.keys(schema.shape), 'image'] : [])
      setImageMistake(fields.image)
      for (const name of (Object.keys(fields) as (keyof Values)[]).filter((each) => each in schema.shape)) setError(name, { type: 'server', message: fields[name]! })
      if (fields.command) setShowsCommand(true)
      setOthers(left)
    },
  })
  const error = (name: keyof Values) => errors[name]?.message
  const wish = wishOf(watch(), task, kept)

  return (
    <form
      noValidate
      aria-label={`Run ${task.alias}`}
      onSubmit={(event) => {
        setOthers([])
        setImageMistake(undefined)
        void handleSubmit((values) => start.mutateAsync(values).catch(() => undefined))(event)
      }}
    >
      <LeaveGuard is_dirty={isDirty} />
      <PageHead
        above={
          <Link to="/tasks/$definition_id" params={{ definition_id: task.definition_id }} className="hover:text-accent">
            {task.alias}
          </Link>
        }
        title={`Run ${task.alias}`}
        beside={earlier && <span className="text-faint">as run <span className="mono">{shortId(earlier.run_id)}</span></span>}
      >
        <CopyButton text={curlCommand(wish.alias, executeBody(wish), serverUrl(), asks_token)} label="Copy what this form says as a curl command">
          Copy as curl
        </CopyButton>
        {hasFlotillaCommand(wish) && (
          <CopyButton text={flotillaCommand(wish, serverUrl())} label="Copy what this form says for the command line of Flotilla">
            Copy as command line
          </CopyButton>
        )}
      </PageHead>
      <Panel>
        <FormSection title="Variables" hint="What the command finds in its environment. The task’s own are filled in: a run can change or empty them, not leave them out.">
          <Controller
            control={control}
            name="env"
            render={({ field }) => (
              <EnvEditor value={field.value} onChange={field.onChange} errors={rowMessages(errors.env)} inherited={effectiveVariables(task.env)} />
            )}
          />
          {error('env') && (
            <p role="alert" className="text-[13px] text-bad">
              {error('env')}
            </p>
          )}
        </FormSection>
        <FormSection title="Whose and where">
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Owner" error={error('owner')} hint={caller ? 'The name of your token.' : 'This browser remembers it.'}>
              <Input {...register('owner')} autoFocus={formState.defaultValues?.owner === ''} placeholder="your name or team" spellCheck={false} autoComplete="username" />
            </Field>
            <Field label="Cluster" error={error('cluster')}>
              <Select {...register('cluster')}>
                <option value="">The server’s default</option>
                {clusters.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </Select>
            </Field>
          </div>
        </FormSection>
        <FormSection title="For this run only" hint="Empty: as the task says.">
          <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
            <Field label="Memory, MiB" optional error={error('memory')} hint={/^\d{4,}$/.test(watch('memory')) ? `That is ${memoryText(Number(watch('memory')))}.` : undefined}>
              <Input {...register('memory')} inputMode="numeric" placeholder={`${task.memory} (${memoryText(task.memory)})`} />
            </Field>
            <Field label="CPU, cores" optional error={error('cpu')}>
              <Input {...register('cpu')} inputMode="decimal" placeholder={task.cpu === undefined ? 'no limit' : cpuText(task.cpu)} />
            </Field>
            <Field label="GPUs" optional error={error('gpu')}>
              <Input {...register('gpu')} inputMode="numeric" placeholder={String(task.gpu ?? 'none')} />
            </Field>
            <Field label="Time limit, seconds" optional error={error('timeout_seconds')}>
              <Input {...register('timeout_seconds')} inputMode="numeric" placeholder={task.timeout_seconds === undefined ? 'no limit' : durationText(task.timeout_seconds * 1000)} />
            </Field>
          </div>
          <ImageOf task={task} mistake={image_mistake} />
          {shows_command ? (
            <div>
              <div className="mb-1 font-[550]">Command</div>
              <Controller
                control={control}
                name="command"
                render={({ field }) => <CommandEditor label="Command" value={field.value} onChange={field.onChange} onBlur={field.onBlur} is_invalid={Boolean(errors.command)} />}
              />
              {error('command') && (
                <p role="alert" className="mt-1 text-[13px] text-bad">
                  {error('command')}
                </p>
              )}
            </div>
          ) : (
            <Button look="ghost" size="small" className="-ml-2.5" onClick={() => setShowsCommand(true)}>
              Change the command…
            </Button>
          )}
          {earlier && Object.keys(kept).length > 0 && <KeptFacts kept={kept} run={earlier} onDrop={() => setKept({})} />}
        </FormSection>
        <FormEnd
          others={others}
          has_errors={formState.isSubmitted && (image_mistake !== undefined || Object.keys(errors).length > 0)}
          is_sending={isSubmitting}
          cancel={
            <Link to="/tasks/$definition_id" params={{ definition_id: task.definition_id }}>
              Cancel
            </Link>
          }
        >
          <Play /> Run
        </FormEnd>
      </Panel>
    </form>
  )
}

/** The image, which is the task's; and where a run was refused for it, what to do. */
function ImageOf({ task, mistake }: { task: Definition; mistake: string | undefined }) {
  const images = useQuery({ ...imagesQuery, enabled: mistake !== undefined })
  const at_hand = (images.data?.images ?? []).filter((image) => image.at_hand).map((image) => image.name)
  return (
    <div>
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-[550]">Image</span>
        <span className="mono [overflow-wrap:anywhere]">{task.image}</span>
        <Link to="/tasks/$definition_id/edit" params={{ definition_id: task.definition_id }} className="text-[13px] text-accent underline">
          Change it in the task
        </Link>
      </div>
      {mistake && (
        <p role="alert" className="mt-1 text-[13px] whitespace-pre-line text-bad">
          {mistake}
          {at_hand.length > 0 && `\nThe server has: ${at_hand.slice(0, 8).join(', ')}${at_hand.length > 8 ? ' and more' : ''}.`}
        </p>
      )}
    </div>
  )
}
