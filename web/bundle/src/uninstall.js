// A build for visitors that was served at this address may have installed its files.
navigator.serviceWorker?.getRegistrations().then(all => all.forEach(registration => registration.unregister()));
