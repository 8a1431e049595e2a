// The verbs of the walk with @camunda8/orchestration-cluster-api. Settings come as JSON on the standard input:
// {"program": {CAMUNDA_…}, "files": [paths]}. Every answer is held against the client's own
// schemas, in the strictest mode that it has.
import createCamundaClient from '@camunda8/orchestration-cluster-api'
import { readFileSync } from 'node:fs'
import { readFiles, walk } from './walk.mjs'

const NOW = { consistency: { waitUpToMs: 0 } }

function open(settings) {
  const client = createCamundaClient({ config: { ...settings, CAMUNDA_SDK_VALIDATION: 'res:strict,req:none' } })
  return {
    topology: () => client.getTopology(),
    deploy: async (files) => {
      const resources = files.map(({ name, content }) => new File([content], name))
      const deployed = await client.createDeployment({ resources })
      const { processes, decisions, decisionRequirements, forms } = deployed
      return [processes.length, decisions.length, decisionRequirements.length, forms.length]
    },
    start: async (processDefinitionId, variables) =>
      (await client.createProcessInstance({ processDefinitionId, variables })).processInstanceKey,
    activate: async (asked) => (await client.activateJobs(asked)).jobs ?? (await client.activateJobs(asked)),
    completeJob: (jobKey, variables) => client.completeJob({ jobKey, variables }),
    failJob: (jobKey, failure) => client.failJob({ jobKey, ...failure }),
    throwError: (jobKey, error) => client.throwJobError({ jobKey, ...error }),
    updateRetries: (jobKey, retries) => client.updateJob({ jobKey, changeset: { retries } }),
    searchUserTasks: (asked) => client.searchUserTasks(asked, NOW),
    getUserTask: (userTaskKey) => client.getUserTask({ userTaskKey }, NOW),
    getUserTaskForm: (userTaskKey) => client.getUserTaskForm({ userTaskKey }, NOW),
    assign: (userTaskKey, assignee) => client.assignUserTask({ userTaskKey, assignee }),
    completeUserTask: (userTaskKey, variables) => client.completeUserTask({ userTaskKey, variables }),
    correlate: (message) => client.correlateMessage(message),
    broadcast: (signal) => client.broadcastSignal(signal),
    evaluate: (asked) => client.evaluateDecision(asked),
    searchElementInstances: (asked) => client.searchElementInstances(asked, NOW),
    searchIncidents: (asked) => client.searchIncidents(asked, NOW),
    resolve: (incidentKey) => client.resolveIncident({ incidentKey }),
    getInstance: (processInstanceKey) => client.getProcessInstance({ processInstanceKey }, NOW),
    cancel: (processInstanceKey) => client.cancelProcessInstance({ processInstanceKey }),
  }
}

const { program, files } = JSON.parse(readFileSync(0, 'utf-8'))
await walk(open(program), readFiles(files))
