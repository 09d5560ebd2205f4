// @vitest-environment happy-dom
import { testInSimulatedBrowser } from './support/simulated-browser.ts'

testInSimulatedBrowser()
