// Workers without work: both clients poll for five seconds. Settings as in sdk.mjs; prints nothing.
import createCamundaClient from '@camunda8/orchestration-cluster-api'
import { Camunda8 } from '@camunda8/sdk'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const { client, program, seconds } = JSON.parse(readFileSync(0, 'utf-8'))
if (client === 'orchestration_cluster_api') {
  const worker = createCamundaClient({ config: program }).createJobWorker({
    jobType: 'nothing', maxParallelJobs: 10, jobTimeoutMs: 60000, jobHandler: (job) => job.complete(),
  })
  await sleep(seconds * 1000)
  worker.stop()
} else {
  const rest = new Camunda8({
    ...program, ZEEBE_REST_ADDRESS: program.CAMUNDA_REST_ADDRESS, CAMUNDA_LOG_LEVEL: 'none',
  }).getCamundaRestClient()
  rest.createJobWorker({
    type: 'nothing', maxJobsToActivate: 10, timeout: 60000, worker: 'tests', jobHandler: (job) => job.complete(),
  })
  await sleep(seconds * 1000)
  rest.stopWorkers()
}
process.exit(0)
