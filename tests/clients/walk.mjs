// The way of permits, told once for every JavaScript client: a client is an object with these few verbs.
// Prints what was seen as one line of JSON.
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { readFileSync } from 'node:fs'

const TYPE = 'permit-check'

export const readFiles = (paths) => paths.map((path) => ({ name: basename(path), content: readFileSync(path) }))

export async function walk(program, files) {
  const start = async (number) => (await program.start('permit', { number: String(number), area: 20 }))
  const takeJob = async (instance) => {
    const jobs = await program.activate({
      type: TYPE, timeout: 60000, maxJobsToActivate: 10, worker: 'tests', requestTimeout: 1000,
    })
    const mine = jobs.filter((job) => job.processInstanceKey === instance)
    assert.equal(mine.length, 1, JSON.stringify(jobs))
    return mine[0]
  }
  const completeCheck = async (instance) => {
    const job = await takeJob(instance)
    await program.completeJob(job.jobKey, { checked: true })
    return { retries: job.retries, variables: { ...job.variables }, headers: { ...job.customHeaders } }
  }
  const decide = async (instance) => {
    const { items: [task] } = await program.searchUserTasks({ filter: { processInstanceKey: instance, state: 'CREATED' } })
    const form = program.getUserTaskForm ? (await program.getUserTaskForm(task.userTaskKey)).formId : 'permit_decision'
    await program.assign(task.userTaskKey, 'chen')
    const { assignee } = await program.getUserTask(task.userTaskKey)
    await program.completeUserTask(task.userTaskKey, { granted: true })
    return { name: task.name, groups: task.candidateGroups, form, assignee }
  }
  const refuse = async (instance) => {
    const job = await takeJob(instance)
    await program.throwError(job.jobKey, { errorCode: 'REFUSED', errorMessage: 'a heritage site' })
    const { items } = await program.searchElementInstances({ filter: { processInstanceKey: instance } })
    return items.map((one) => one.elementId).sort()
  }
  const failAndMend = async (instance) => {
    const job = await takeJob(instance)
    await program.failJob(job.jobKey, { retries: 0, errorMessage: 'the register is closed' })
    const { items: [incident] } = await program.searchIncidents({
      filter: { processInstanceKey: instance, state: 'ACTIVE' },
    })
    await program.updateRetries(job.jobKey, 2)
    await program.resolve(incident.incidentKey)
    const { retries } = await completeCheck(instance)
    const { hasIncident } = await program.getInstance(instance)
    return { type: incident.errorType, message: incident.errorMessage, retries, left: hasIncident }
  }

  const seen = { version: (await program.topology()).gatewayVersion }
  seen.deployed = await program.deploy(files)
  const granted = await start(7)
  seen.job = await completeCheck(granted)
  seen.task = await decide(granted)
  const correlated = await program.correlate({ name: 'fee_paid', correlationKey: '7', variables: { paid: 120 } })
  seen.correlated = correlated.processInstanceKey === granted
  assert.ok((await program.broadcast({ signalName: 'office_open', variables: {} })).signalKey)
  seen.granted = (await program.getInstance(granted)).state
  seen.refused = await refuse(await start(8))
  seen.incident = await failAndMend(await start(9))
  seen.fee = (await program.evaluate({ decisionDefinitionId: 'permit_fee', variables: { area: 300 } })).output
  const cancelled = await start(10)
  await program.cancel(cancelled)
  seen.cancelled = (await program.getInstance(cancelled)).state
  seen.unknown = await program.getUserTask('1').then(() => 'found', () => 'not found')
  console.log(JSON.stringify(seen))
}
