import { describe, expect, it } from 'vitest'
import { inWords, placeMistakes, rowMessages } from './mistakes'

const task = ['alias', 'group_name', 'image', 'memory', 'command', 'env', 'retry_attempts', 'timeout_seconds', 'queue_timeout_seconds', 'secrets']
const run = ['cluster', 'owner', 'env', 'memory', 'cpu', 'gpu', 'command', 'timeout_seconds']

describe('what the server says of a form', () => {
  it('stands at the field that it concerns', () => {
    expect(placeMistakes('string [image] must be specified\nint [memory] must be specified', task)).toEqual({
      fields: { image: 'string [image] must be specified', memory: 'int [memory] must be specified' }, others: [],
    })
    const places = (message: string, fields: string[]) => Object.keys(placeMistakes(message, fields).fields)
    expect(places('Group name can only contain letters, numbers, hyphens, and underscores', task)).toEqual(['group_name'])
    expect(places('image [nope:1] was not found in any of the configured repositories', task)).toEqual(['image'])
    expect(places('environment variable FLOTILLA_RUN_ID is reserved', run)).toEqual(['env'])
    expect(places('cluster [x] does not exist, the clusters are: default', run)).toEqual(['cluster'])
    expect(places('definition [a-memory-1] cannot be run on cluster [default]', run)).toEqual(['memory'])
    expect(places('run_tags must exist in body and contain [owner_id]', run)).toEqual(['owner'])
    expect(places('queue_timeout_seconds has to be from 0 to 31622400', task)).toEqual(['queue_timeout_seconds'])
  })
  it('is said in words for people where programs match on it', () => {
    expect(placeMistakes('definition with alias [hello] aleady exists', task).fields.alias).toMatch(/^There is a task hello already/)
  })
  it('is said at what asks for more than a cluster has', () => {
    const said = (reason: string, fields = run) => placeMistakes(`definition [tests-gpu-memory-1] cannot be run on cluster [default]${reason}`, fields).fields
    expect(said('')).toEqual({ memory: 'That is as much as the largest host of the cluster default has, or more: ask for less' })
    expect(said(': its largest instance has 7680 MiB')).toEqual({ memory: 'That is as much as the largest host of the cluster default has, 7.5 GiB, or more: ask for less' })
    expect(said(': it asks for 3000/1000 of a core of 500')).toEqual({ cpu: 'The cluster default has 0.5 cores: ask for no more' })
    expect(said(': it asks for 2 GPUs, the cluster has none')).toEqual({ gpu: 'The cluster default has no GPU' })
    expect(said(': it asks for 2 GPUs, the cluster has 1')).toEqual({ gpu: 'The cluster default has 1 GPU: ask for no more' })
    expect(said(': it asks for 1 GPU, the cluster has none', ['cluster'])).toEqual({ cluster: 'The cluster default has no GPU' })
  })
  it('is in words where there is no form', () => {
    expect(inWords('a token is missing: send the header Authorization: Bearer TOKEN')).toBe('Your session has ended: sign in, then try again')
    expect(inWords('invalid run, state: STOPPED, arn: , clusterName: default')).toBe('It has ended by itself meanwhile')
    expect(inWords('internal error\ndefinition [x] cannot be run on cluster [c]: it asks for 1 GPU, the cluster has none')).toBe('internal error\nThe cluster c has no GPU')
  })
  it('stands below the form where it concerns none', () => {
    expect(placeMistakes('internal error', task)).toEqual({ fields: {}, others: ['internal error'] })
    expect(placeMistakes('image [x] was not found in any of the configured repositories', run).others).toHaveLength(1)
  })
  it('puts several of one field together', () => {
    expect(placeMistakes('env[0]: a\nenv[1]: b', run).fields.env).toBe('env[0]: a\nenv[1]: b')
  })
})

describe('mistakes of rows', () => {
  it('are known by number', () => {
    expect(rowMessages([undefined, { message: 'bad' }])).toEqual({ 1: 'bad' })
    expect(rowMessages({ message: 'of all' })).toEqual({})
  })
})
