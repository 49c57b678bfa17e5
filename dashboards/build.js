console.log('console: later')
