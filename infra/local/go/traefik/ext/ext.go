// Package ext holds the two extension points that Traefik embeds in its configuration types. Both are empty in the
// open-source release too.
package ext

type (
	// HTTP extends the HTTP part of a dynamic configuration.
	HTTP struct{}
	// Router extends a router.
	Router struct{}
)
