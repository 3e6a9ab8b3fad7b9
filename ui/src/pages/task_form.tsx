import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { Controller, useForm } from 'react-hook-form'
import { api, Refusal } from '@/api/client'
import { editedDefinitionQuery, groupsQuery, imagesQuery, tagsQuery } from '@/api/queries'
import type { Definition } from '@/api/types'
import { CommandEditor } from '@/components/command_editor'
import { EnvEditor } from '@/components/env_editor'
import { FormEnd } from '@/components/form_end'
import { FormSection } from '@/components/form_section'
import { LeaveGuard } from '@/components/leave_guard'
import { Meanwhile } from '@/components/meanwhile'
import { PageHead } from '@/components/page_head'
import { Panel } from '@/components/panel'
import { Failure, Skeleton } from '@/components/states'
import { Suggestions } from '@/components/suggestions'
import { TagInput } from '@/components/tag_input'
import { Button } from '@/components/ui/button'
import { Field, Input, TextArea } from '@/components/ui/field'
import { memoryText } from '@/lib/format'
import { exampleImage, imageHint } from '@/lib/images'
import { placeMistakes, rowMessages } from '@/lib/mistakes'
import { mergeTasks, type Merge, type TaskField } from '@/lib/task_merge'
import { empty_task, exampleTask, retry_causes, taskBody, taskSchema, taskValues, type TaskValues } from '@/lib/task_values'
import { useTitle } from '@/lib/use_title'

type Kind = 'new' | 'edit' | 'copy'

export function NewTaskPage() {
  const { example } = getRouteApi('/tasks/new').useSearch()
  const images = useQuery(imagesQuery)
  if (example && images.isPending) return <Skeleton rows={10} />
  return <TaskForm kind="new" initial={example ? exampleTask(exampleImage(images.data?.images ?? [])) : empty_task} />
}

export function EditTaskPage() {
  return <FormOf kind="edit" definition_id={getRouteApi('/tasks/$definition_id/edit').useParams().definition_id} />
}

export function CopyTaskPage() {
  return <FormOf kind="copy" definition_id={getRouteApi('/tasks/$definition_id/copy').useParams().definition_id} />
}

function FormOf({ kind, definition_id }: { kind: 'edit' | 'copy'; definition_id: string }) {
  const found = useQuery(editedDefinitionQuery(definition_id))
  if (found.isPending) return <Skeleton rows={10} />
  if (!found.data) {
    return (
      <Panel>
        <Failure error={found.error} retry={() => void found.refetch()} />
      </Panel>
    )
  }
  const values = taskValues(found.data.task)
  return <TaskForm kind={kind} read={found.data} initial={kind === 'copy' ? { ...values, alias: `${values.alias}-copy` } : values} />
}

/** A task as it was read before it was changed here. */
interface ReadTask {
  task: Definition
  tag: string
}

const titles = { new: 'New task', edit: 'Edit', copy: 'Copy' }

function TaskForm({ kind, read, initial }: { kind: Kind; read?: ReadTask; initial: TaskValues }) {
  const { register, control, handleSubmit, getValues, reset, setError, setValue, setFocus, watch, formState } = useForm<TaskValues>({
    resolver: zodResolver(taskSchema),
    defaultValues: initial,
    mode: 'onChange',
  })
  const { errors, isSubmitting, isDirty } = formState
  const [before, setBefore] = useState(read)
  const [merge, setMerge] = useState<Merge>()
  const [others, setOthers] = useState<string[]>([])
  const [shows_more, setShowsMore] = useState(hasMore(initial))
  const navigate = useNavigate()
  const queries = useQueryClient()
  const groups = useQuery(groupsQuery)
  const tags = useQuery(tagsQuery)
  const images = useQuery(imagesQuery)
  const lists = { groups: useId(), images: useId() }
  const task = before?.task
  const title = `${titles[kind]}${task ? ` ${task.alias}` : ''}`
  useTitle(title)

  /** Brings what somebody else made of the task meanwhile together with what was written here. */
  const takeOver = (now: ReadTask) => {
    const theirs = taskValues(now.task)
    const merged = mergeTasks(taskValues(before!.task), theirs, getValues())
    reset(theirs)
    for (const name of Object.keys(theirs) as TaskField[]) setValue(name, merged.values[name], { shouldDirty: true })
    if (hasMore(merged.values)) setShowsMore(true)
    setBefore(now)
    setMerge(merged)
  }

  const save = useMutation({
    mutationFn: (values: TaskValues) =>
      kind === 'edit'
        ? api.answer(
            api.client.PUT('/api/v1/task/{definition_id}', {
              params: { path: { definition_id: before!.task.definition_id }, header: { 'If-Match': before!.tag } },
              body: taskBody(values),
            }),
          )
        : api.answer(api.client.POST('/api/v1/task', { body: taskBody(values) })),
    onSuccess: async ({ definition_id }) => {
      await queries.invalidateQueries()
      await navigate({ to: '/tasks/$definition_id', params: { definition_id }, ignoreBlocker: true })
    },
    onError: async (error) => {
      if (error instanceof Refusal && error.status === 412) {
        try {
          takeOver(await queries.query(editedDefinitionQuery(before!.task.definition_id)))
        } catch (reason) {
          setOthers([(reason as Error).message])
        }
        return
      }
      const { fields, others: left } = placeMistakes(error.message, error instanceof Refusal ? Object.keys(empty_task) : [])
      const names = Object.keys(fields) as TaskField[]
      for (const name of names) setError(name, { type: 'server', message: fields[name]! })
      if (names.some((name) => more_fields.includes(name))) setShowsMore(true)
      if (names[0]) setFocus(names[0])
      setOthers(left)
    },
  })
  const error = (name: TaskField) => errors[name]?.message
  const at_hand = (images.data?.images ?? []).filter((image) => image.at_hand).map((image) => image.name)

  return (
    <form
      noValidate
      aria-label={title}
      onSubmit={(event) => {
        setOthers([])
        void handleSubmit(
          (values) => save.mutateAsync(values).catch(() => undefined),
          (wrong) => {
            if (more_fields.some((name) => wrong[name])) setShowsMore(true)
          },
        )(event)
      }}
    >
      <LeaveGuard is_dirty={isDirty} />
      <PageHead
        above={
          <Link to="/tasks" className="hover:text-accent">
            Tasks
          </Link>
        }
        title={title}
      />
      <Panel>
        <FormSection title="What it is" hint="By its alias it is found and run.">
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Alias" error={error('alias')}>
              <Input {...register('alias')} autoFocus={kind !== 'edit'} placeholder="forecast-train" spellCheck={false} />
            </Field>
            <Field label="Group" error={error('group_name')} hint={kind === 'edit' ? 'A group is set once.' : undefined}>
              <Input {...register('group_name')} disabled={kind === 'edit'} list={lists.groups} placeholder={groups.data?.groups[0] ?? 'forecast'} spellCheck={false} />
            </Field>
          </div>
          <datalist id={lists.groups}>
            {groups.data?.groups.map((group) => (
              <option key={group} value={group} />
            ))}
          </datalist>
          <Field label="Description" optional error={error('description')}>
            <TextArea {...register('description')} rows={2} placeholder="What it does, for people" />
          </Field>
          <Controller
            control={control}
            name="tags"
            render={({ field }) => (
              <Field label="Tags" optional error={error('tags')}>
                <TagInput value={field.value} onChange={field.onChange} offered={tags.data?.tags ?? []} placeholder="Words to find it by; Enter adds one" />
              </Field>
            )}
          />
        </FormSection>
        <FormSection title="What it does" hint="The command runs in a container of the image, by a shell that stops at the first failure.">
          <div>
            <Field label="Image" error={error('image')} hint={imageHint(watch('image').trim(), images.data?.images)}>
              <Input {...register('image')} className="mono" list={lists.images} placeholder="python:3.12-slim" spellCheck={false} autoCapitalize="off" />
            </Field>
            <datalist id={lists.images}>
              {images.data?.images.map((image) => (
                <option key={image.name} value={image.name} />
              ))}
            </datalist>
            <Suggestions label="At hand" values={at_hand.slice(0, 6)} chosen={watch('image')} onChoose={(image) => setValue('image', image, { shouldValidate: true, shouldDirty: true })} />
          </div>
          <div>
            <div className="mb-1 font-[550]">Command</div>
            <Controller
              control={control}
              name="command"
              render={({ field }) => (
                <CommandEditor label="Command" value={field.value} onChange={field.onChange} onBlur={field.onBlur} is_invalid={Boolean(errors.command)} placeholder="python train.py --horizon 28" />
              )}
            />
            {errors.command && (
              <p role="alert" className="mt-1 text-[13px] whitespace-pre-line text-bad">
                {errors.command.message}
              </p>
            )}
          </div>
          <div>
            <div className="mb-1 font-[550]">
              Environment <span className="ml-1 text-[12px] font-normal text-faint">optional</span>
            </div>
            <Controller control={control} name="env" render={({ field }) => <EnvEditor value={field.value} onChange={field.onChange} errors={rowMessages(errors.env)} />} />
            {error('env') && (
              <p role="alert" className="mt-1 text-[13px] text-bad">
                {error('env')}
              </p>
            )}
          </div>
        </FormSection>
        <FormSection title="What it gets" hint="A run that uses more memory is ended, and says so.">
          <div className="grid gap-4 sm:grid-cols-3">
            <div>
              <Field label="Memory, MiB" error={error('memory')} hint={/^\d{4,}$/.test(watch('memory')) ? `That is ${memoryText(Number(watch('memory')))}.` : undefined}>
                <Input {...register('memory')} inputMode="numeric" />
              </Field>
              <Suggestions label="Usual memory" hides_label values={['256', '512', '2048', '8192']} chosen={watch('memory')} onChoose={(memory) => setValue('memory', memory, { shouldValidate: true, shouldDirty: true })} />
            </div>
            <Field label="CPU, cores" optional error={error('cpu')} hint="Empty: as much as is free.">
              <Input {...register('cpu')} inputMode="decimal" placeholder="0.5" />
            </Field>
            <Field label="GPUs" optional error={error('gpu')} hint="Each for this run alone.">
              <Input {...register('gpu')} inputMode="numeric" placeholder="0" />
            </Field>
          </div>
          {!shows_more && (
            <Button look="ghost" size="small" className="-ml-2.5" onClick={() => setShowsMore(true)}>
              Time limits, retries, secrets, ports and more…
            </Button>
          )}
        </FormSection>
        {shows_more && (
          <>
            <FormSection title="Limits and retries">
              <div className="grid gap-4 sm:grid-cols-2">
                <Field label="Time limit, seconds" optional error={error('timeout_seconds')} hint="Empty: it may run for ever.">
                  <Input {...register('timeout_seconds')} inputMode="numeric" placeholder="3600" />
                </Field>
                <Field label="Waits at most, seconds" optional error={error('queue_timeout_seconds')} hint="Empty: it waits for room for ever.">
                  <Input {...register('queue_timeout_seconds')} inputMode="numeric" />
                </Field>
                <Field label="Attempts" optional error={error('retry_attempts')} hint="Empty: its own failures are not tried again.">
                  <Input {...register('retry_attempts')} inputMode="numeric" placeholder="3" />
                </Field>
                <Field label="First pause, seconds" optional error={error('retry_backoff')} hint="Before the second attempt; doubled each time.">
                  <Input {...register('retry_backoff')} inputMode="numeric" placeholder="10" />
                </Field>
              </div>
              <fieldset>
                <legend className="mb-1 font-[550]">
                  Try again after <span className="ml-1 text-[12px] font-normal text-faint">none: any failure of the job</span>
                </legend>
                <Controller
                  control={control}
                  name="retry_on"
                  render={({ field }) => (
                    <div className="flex flex-wrap gap-x-5 gap-y-1.5">
                      {retry_causes.map(({ value, word }) => (
                        <label key={value} className="flex items-center gap-2">
                          <input
                            type="checkbox"
                            className="size-4 accent-accent"
                            checked={field.value.includes(value)}
                            onChange={(event) => field.onChange(event.target.checked ? [...field.value, value] : field.value.filter((each) => each !== value))}
                          />
                          {word}
                        </label>
                      ))}
                    </div>
                  )}
                />
              </fieldset>
              <Field label="… and after these exit codes" optional error={error('retry_codes')}>
                <Input {...register('retry_codes')} placeholder="17, 75" />
              </Field>
            </FormSection>
            <FormSection title="More">
              <Controller
                control={control}
                name="secrets"
                render={({ field }) => (
                  <Field label="Secrets" optional error={error('secrets') ?? Object.values(rowMessages(errors.secrets))[0]} hint="Names of secrets of the server: each is a variable of that name in the container, and stands nowhere else.">
                    <TagInput value={field.value} onChange={field.onChange} offered={[]} placeholder="DB_PASSWORD" />
                  </Field>
                )}
              />
              <div className="grid gap-4 sm:grid-cols-2">
                <Field label="Ports" optional error={error('ports')} hint="Where it listens; two runs that declare one port do not run at once.">
                  <Input {...register('ports')} placeholder="8080" />
                </Field>
                <Field label="User" optional error={error('user')} hint="Empty: the image’s own.">
                  <Input {...register('user')} className="mono" placeholder="nobody" spellCheck={false} />
                </Field>
              </div>
              <div>
                <div className="mb-1 font-[550]">
                  Labels <span className="ml-1 text-[12px] font-normal text-faint">optional</span>
                </div>
                <Controller control={control} name="labels" render={({ field }) => <EnvEditor what="label" value={field.value} onChange={field.onChange} />} />
                {error('labels') && (
                  <p role="alert" className="mt-1 text-[13px] text-bad">
                    {error('labels')}
                  </p>
                )}
              </div>
            </FormSection>
          </>
        )}
        <FormEnd
          notice={
            merge && (
              <Meanwhile
                task={before!.task}
                taken={merge.taken}
                contested={merge.contested}
                onTake={(name) => {
                  setValue(name, taskValues(before!.task)[name], { shouldDirty: true, shouldValidate: true })
                  setMerge({ ...merge, taken: [...merge.taken, name], contested: merge.contested.filter((each) => each !== name) })
                }}
              />
            )
          }
          others={others}
          has_errors={formState.isSubmitted && Object.keys(errors).length > 0}
          is_sending={isSubmitting}
          cancel={
            task ? (
              <Link to="/tasks/$definition_id" params={{ definition_id: task.definition_id }}>
                Cancel
              </Link>
            ) : (
              <Link to="/tasks">Cancel</Link>
            )
          }
        >
          {kind === 'edit' ? 'Save' : 'Create the task'}
        </FormEnd>
      </Panel>
    </form>
  )
}

const more_fields: TaskField[] = [
  'timeout_seconds', 'queue_timeout_seconds', 'retry_attempts', 'retry_backoff', 'retry_on', 'retry_codes', 'secrets', 'ports', 'user', 'labels',
]

function hasMore(values: TaskValues): boolean {
  return more_fields.some((name) => values[name].length > 0)
}
