import type { components, operations } from '#api'

type Schemas = components['schemas']

export type Definition = Schemas['Definition']
export type NewDefinition = Schemas['NewDefinition']
export type DefinitionChange = Schemas['DefinitionChange']
export type Run = Schemas['Run']
export type RunSummary = Schemas['RunSummary']
export type RunStatus = Schemas['RunStatus']
export type ExitClass = Schemas['ExitClass']
export type Attempt = Schemas['Attempt']
export type RunEvent = Schemas['Event']
export type Retry = Schemas['Retry']
export type DefinitionQuery = NonNullable<operations['list_definitions']['parameters']['query']>
export type RunQuery = NonNullable<operations['list_runs']['parameters']['query']>
