// The verbs of the walk with the REST client of @camunda8/sdk. Settings come as JSON on the standard input:
// {"program": {CAMUNDA_…}, "files": [paths]}.
import { Camunda8 } from '@camunda8/sdk'
import { readFileSync } from 'node:fs'
import { readFiles, walk } from './walk.mjs'

function open({ CAMUNDA_REST_ADDRESS, CAMUNDA_CLIENT_ID, CAMUNDA_CLIENT_SECRET, CAMUNDA_TOKEN_AUDIENCE, ...settings }) {
  const client = new Camunda8({
    ...settings,
    ZEEBE_REST_ADDRESS: CAMUNDA_REST_ADDRESS,
    ZEEBE_CLIENT_ID: CAMUNDA_CLIENT_ID,
    ZEEBE_CLIENT_SECRET: CAMUNDA_CLIENT_SECRET,
    ZEEBE_TOKEN_AUDIENCE: CAMUNDA_TOKEN_AUDIENCE,
    CAMUNDA_TOKEN_DISK_CACHE_DISABLE: true,
    CAMUNDA_LOG_LEVEL: 'none',
  }).getCamundaRestClient()
  return {
    topology: () => client.getTopology(),
    deploy: async (files) => {
      const resources = files.map(({ name, content }) => ({ name, content: content.toString('utf-8') }))
      const { processes, decisions, decisionRequirements, forms } = await client.deployResources(resources)
      return [processes.length, decisions.length, decisionRequirements.length, forms.length]
    },
    start: async (processDefinitionId, variables) =>
      (await client.createProcessInstance({ processDefinitionId, variables })).processInstanceKey,
    activate: (asked) => client.activateJobs(asked),
    completeJob: (jobKey, variables) => client.completeJob({ jobKey, variables }),
    failJob: (jobKey, failure) => client.failJob({ jobKey, ...failure }),
    throwError: (jobKey, error) => client.errorJob({ jobKey, ...error }),
    updateRetries: (jobKey, retries) => client.updateJob({ jobKey, retries }),
    searchUserTasks: (asked) => client.searchUserTasks(asked),
    getUserTask: (userTaskKey) => client.getUserTask(userTaskKey),
    assign: (userTaskKey, assignee) => client.assignUserTask({ userTaskKey, assignee }),
    completeUserTask: (userTaskKey, variables) => client.completeUserTask({ userTaskKey, variables }),
    correlate: (message) => client.correlateMessage(message),
    broadcast: (signal) => client.broadcastSignal(signal),
    evaluate: (asked) => client.evaluateDecision(asked),
    searchElementInstances: (asked) => client.searchElementInstances(asked),
    searchIncidents: (asked) => client.searchIncidents(asked),
    resolve: (incidentKey) => client.resolveIncident(incidentKey),
    getInstance: async (processInstanceKey) =>
      (await client.searchProcessInstances({ filter: { processInstanceKey } })).items[0],
    cancel: (processInstanceKey) => client.cancelProcessInstance({ processInstanceKey }),
  }
}

const { program, files } = JSON.parse(readFileSync(0, 'utf-8'))
await walk(open(program), readFiles(files))
